#!/usr/bin/env python3
"""
Source: a subtitle file as it is, ours or not, with the line on which each cue stands.

The structure is read line by line, so that what is malformed is refused with its line number;
markup is left to pysubs2. SRT, WebVTT, ASS/SSA and TTML.

Usage:
    from shared.subtitles.files.source import read_source

    read_source(Path("Film.hi.srt")).cues[0].line
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pysubs2

from shared.core.errors import InputError
from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.base.colours import colours_in
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.finding import TOLERANCE
from shared.subtitles.files.ass_source import lost_lines, read_events
from shared.subtitles.files.markup import ITALIC, refuse_too_many_tags, unescape, without_tags
from shared.subtitles.files.source_text import read_text
from shared.subtitles.files.ttml import read_document

# ASS holds hundredths of a second: two times rounded can be this far off.
ASS_TOLERANCE = 0.0111
ASS_STEP = 0.01
SUFFIXES = {
    ".srt": "srt",
    ".vtt": "vtt",
    ".ass": "ass",
    ".ssa": "ssa",
    ".ttml": "ttml",
    ".dfxp": "ttml",
    ".xml": "ttml",
}
# As editors count lines.
LINE_END = re.compile(r"\r\n|\r|\n")
SRT_TIME = r"(\d{1,3}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
VTT_TIME = r"(?:(\d{2,6}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
TIMING = {
    "srt": re.compile(rf"\s*{SRT_TIME}\s*-->\s*{SRT_TIME}(?:\s.*)?$"),
    "vtt": re.compile(rf"\s*{VTT_TIME}\s+-->\s+{VTT_TIME}(?:\s.*)?$"),
}
ARROW = "-->"
CLOCK = re.compile(r"\d:\d")
# What people and word processors make of the arrow.
NO_ARROW = r"(?:[^\w\s]{1,8}|-*&gt;|[Tt][Oo]|\s)"
TWO_CLOCKS = re.compile(rf"\s*-?\d+:\d+:\d+\S*\s*{NO_ARROW}\s*-?\d+:\d+:\d+\S*\s*$")
# What nobody writes and what would take pysubs2 hours to read.
LONGEST_TIMES = 80  # characters of two times without an arrow
MOST_DIGITS = 9
VTT_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass
class SourceFile:
    """A subtitle file that was read.

    Attributes:
        format: srt, vtt, ass, ssa or ttml.
        cues: In the order of the file; of ASS, in order of time.
        stray: Lines of text that belong to no cue: (line number, text).
        tolerance: What rounding to the file's own times may cost, in seconds.
        step: Of what all its times are whole multiples, in seconds.
        text: The whole file.
        path: Where it was read from.
    """

    format: str
    cues: list[SourceCue] = field(default_factory=list)
    stray: list[tuple[int, str]] = field(default_factory=list)
    tolerance: float = TOLERANCE
    step: float = 1 / MILLISECONDS
    text: str = ""
    path: Path = Path()


@dataclass(slots=True)
class _Block:
    """A cue of SRT or WebVTT before its markup is read."""

    line: int
    number: int | None
    start: float
    end: float
    lines: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0


def read_source(path: Path) -> SourceFile:
    """Read a subtitle file.

    Args:
        path: The file; its suffix says what it is.

    Returns:
        The cues as they stand in the file, and what cannot be read.

    Raises:
        InputError: When it cannot be read or is malformed, with the line number.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise InputError(
            f"{path}: not a subtitle file that can be read",
            hint=f"One of {', '.join(SUFFIXES)}",
        )
    return parse_source(read_text(path), kind, path)


def parse_source(text: str, kind: str, path: Path) -> SourceFile:
    """Read the text of a subtitle file.

    Args:
        text: All of it.
        kind: srt, vtt, ass, ssa or ttml.
        path: Its name, for messages.

    Returns:
        The cues as they stand in the text, and what cannot be read.

    Raises:
        InputError: When it is malformed, with the line number.
    """
    if kind == "ttml":
        document = read_document(text, path)
        return SourceFile(kind, document.cues, step=document.step, text=text, path=path)
    if kind in ("ass", "ssa"):
        events = "\n".join(LINE_END.split(text))
        cues = read_events(events, kind, path)
        return SourceFile(kind, cues, lost_lines(events), ASS_TOLERANCE, ASS_STEP, text, path)
    lines = LINE_END.split(text)
    blocks, stray = (_srt_blocks if kind == "srt" else _vtt_blocks)(lines, path)
    if not blocks and any(line.strip() for line in lines) and kind == "srt":
        raise InputError(f"{path}:1: no cue in it", hint="Is it a subtitle file?")
    cues = [_cue(block, kind, path) for block in blocks]
    return SourceFile(kind, cues, stray, text=text, path=path)


def _srt_blocks(lines: Sequence[str], path: Path) -> tuple[list[_Block], list[tuple[int, str]]]:
    """Return the cues of SRT lines and what belongs to none."""
    blocks: list[_Block] = []
    stray: list[tuple[int, str]] = []
    is_open = False
    for index, line in enumerate(lines):
        times = _times(line, "srt", path, index + 1)
        if times is not None:
            number = _number(lines, index)
            if number is not None and stray and stray[-1][0] == index:
                stray.pop()
            elif number is not None and is_open:
                blocks[-1].lines.pop()  # no empty line in front of it
                blocks[-1].last -= 1
            first = index + 1 - (number is not None)
            blocks.append(_Block(index + 1, number, *times, first=first, last=index + 1))
            is_open = True
        elif not line.strip():
            is_open = is_open and not (blocks and blocks[-1].lines)
        elif is_open:
            blocks[-1].lines.append(line)
            blocks[-1].last = index + 1
        else:
            stray.append((index + 1, line.strip()))
    return blocks, stray


def _vtt_blocks(lines: Sequence[str], path: Path) -> tuple[list[_Block], list[tuple[int, str]]]:
    """Return the cues of WebVTT lines and what belongs to none."""
    if not re.match(r"WEBVTT(\s|$)", lines[0]):
        raise InputError(f"{path}:1: WEBVTT is missing", hint="It must be the first word")
    blocks: list[_Block] = []
    stray: list[tuple[int, str]] = []
    state = "header"
    for index, line in enumerate(lines[1:], 2):
        if not line.strip():
            state = "between"
        elif state == "skipped" or (state == "header" and not TIMING["vtt"].match(line)):
            continue
        elif state == "between" and line.startswith(VTT_BLOCKS):
            state = "skipped"
        elif (times := _times(line, "vtt", path, index)) is not None:
            first = index
            if stray and stray[-1][0] == index - 1:
                first = stray.pop()[0]  # the cue's own name
            blocks.append(_Block(index, None, *times, first=first, last=index))
            state = "cue"
        elif state == "cue":
            blocks[-1].lines.append(line)
            blocks[-1].last = index
        else:
            stray.append((index, line.strip()))
    return blocks, stray


def _times(line: str, kind: str, path: Path, number: int) -> tuple[float, float] | None:
    """Return start and end of a line of times, None of any other.

    Raises:
        InputError: When it was meant to be one and is malformed.
    """
    found = TIMING[kind].match(line)
    if found is None:
        if _is_like_timing(line):
            raise InputError(
                f"{path}:{number}: not a line of times: {line.strip()[:60]}",
                hint="00:01:02,345 --> 00:01:04,567" + (" with points" if kind == "vtt" else ""),
            )
        return None
    parts = found.groups()
    return _seconds(parts[:4]), _seconds(parts[4:])


def _is_like_timing(line: str) -> bool:
    """Return whether a line was meant to be one of times."""
    if ARROW in line:
        before, after = line.rpartition(ARROW)[0], line.partition(ARROW)[2]
        return bool(CLOCK.search(before) or CLOCK.search(after))
    return len(line) <= LONGEST_TIMES and bool(TWO_CLOCKS.match(line))


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / MILLISECONDS


def _number(lines: Sequence[str], index: int) -> int | None:
    """Return the number on the line in front of a line of times."""
    text = lines[index - 1].strip() if index else ""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _cue(block: _Block, kind: str, path: Path) -> SourceCue:
    """Return a cue with its markup read: pysubs2 is given each text as a file of its own."""
    raw = "\n".join(block.lines)
    refuse_too_many_tags(raw, path, block.line)
    event = pysubs2.SSAEvent(text=without_tags(raw))
    text = _shown(event, kind)
    return SourceCue(
        block.start,
        block.end,
        raw if text == raw else text,  # most cues have no markup: one text, not two
        line=block.line,
        raw=raw,
        number=block.number,
        block=(block.first, block.last),
        is_italic=bool(ITALIC.search(event.text)),
        colours=colours_in(raw, kind),
    )


def shown_text(raw: str, kind: str) -> str:
    """Return what is shown of the text of a cue.

    Args:
        raw: The text with all markup.
        kind: srt, vtt, ass or ssa.
    """
    text = raw.replace("\n", "\\N") if kind in ("ass", "ssa") else without_tags(raw)
    return _shown(pysubs2.SSAEvent(text=text), kind)


def _shown(event: pysubs2.SSAEvent, kind: str) -> str:
    return unescape(event.plaintext) if kind == "vtt" else str(event.plaintext)
