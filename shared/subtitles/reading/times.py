#!/usr/bin/env python3
"""
Times: the line of times of a cue of SRT or WebVTT, read, or what is wrong with it.

Usage:
    from shared.subtitles.reading.times import read_times

    read_times("00:00:01,000 --> 00:00:02,500", "srt", 2)    # (1.0, 2.5)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.reading.result import Fault

ARROW = "-->"
# As editors count lines; some programs write two carriage returns in front of a line feed.
LINE_END = re.compile(r"\r*\n|\r")
SRT_TIME = r"(\d{1,6}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
VTT_TIME = r"(?:(\d{1,6}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
TIMING = {
    "srt": re.compile(rf"\s*{SRT_TIME}\s*-->\s*{SRT_TIME}(?:\s.*)?$"),
    "vtt": re.compile(rf"\s*{VTT_TIME}\s*-->\s*{VTT_TIME}(?:\s.*)?$"),
}
# What stands where a time is meant: figures and signs with a colon, at most a sign in front.
TIME_ALONE = re.compile(r"\s*-?\d[\d.,;]*:[\d:.,;]*\s*")
# What people and word processors make of the arrow.
NO_ARROW = r"(?:[^\w\s]{1,8}|-*&gt;|[Tt][Oo]|\s)"
TWO_CLOCKS = re.compile(rf"\s*-?\d+:\d+:\d+\S*\s*{NO_ARROW}\s*-?\d+:\d+:\d+\S*\s*$")
# What nobody writes and what would take hours to read.
LONGEST_TIMES = 80  # characters of two times without an arrow
EXAMPLE = "00:01:02,345 --> 00:01:04,567"


def read_times(line: str, kind: str, number: int) -> tuple[float, float] | Fault | None:
    """Return start and end of a line of times in seconds, or that it was meant to be one.

    Args:
        line: Without its end.
        kind: srt or vtt.
        number: Of the line, for the fault.

    Returns:
        None of a line that is something else.
    """
    found = TIMING[kind].match(line)
    if found is not None:
        parts = found.groups()
        return _seconds(parts[:4]), _seconds(parts[4:])
    if not (is_like_times(line) or (kind == "vtt" and ARROW in line)):
        return None
    hint = f"{EXAMPLE} with points" if kind == "vtt" else EXAMPLE
    return Fault(number, f"not a line of times: {line.strip()[:60]}", hint)


def is_like_times(line: str) -> bool:
    """Return whether a line was meant to be one of times; an arrow between words is text.

    Args:
        line: Without its end.
    """
    if ARROW in line:
        before, _, after = line.partition(ARROW)
        return bool(TIME_ALONE.fullmatch(before) or TIME_ALONE.fullmatch(after))
    return len(line) <= LONGEST_TIMES and bool(TWO_CLOCKS.match(line))


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / MILLISECONDS
