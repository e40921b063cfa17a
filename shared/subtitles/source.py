#!/usr/bin/env python3
"""
Source: a subtitle file as it is, ours or not, with the line on which each cue stands.

The structure is read line by line, so that what is malformed is refused with its line number;
markup is left to pysubs2. SRT, WebVTT, ASS/SSA and TTML.

Usage:
    from shared.subtitles.source import read_source

    read_source(Path("Film.hi.srt")).cues[0].line
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pysubs2

from shared.core.errors import InputError
from shared.subtitles.colours import colours_in, name_of
from shared.subtitles.cue import SourceCue
from shared.subtitles.finding import TOLERANCE
from shared.subtitles.markup import refuse_too_many_tags, unescape, without_tags
from shared.subtitles.source_text import read_text
from shared.subtitles.ttml import read_ttml

MILLISECONDS = 1000
# ASS holds hundredths of a second: two times rounded can be this far off.
ASS_TOLERANCE = 0.0111
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
ASS_TIME = re.compile(r"\s*-?(\d{1,2}):([0-5]?\d):([0-5]?\d)\.(\d{2,3})\s*")
TIMING = {
    "srt": re.compile(rf"\s*{SRT_TIME}\s*-->\s*{SRT_TIME}(?:\s.*)?$"),
    "vtt": re.compile(rf"\s*{VTT_TIME}\s+-->\s+{VTT_TIME}(?:\s.*)?$"),
}
ARROW = "-->"
CLOCK = re.compile(r"\d:\d")
TWO_CLOCKS = re.compile(r"\s*-?\d+:\d+:\d+\S*\s*(->|=>|-|,|\s)\s*-?\d+:\d+:\d+\S*\s*$")
# What nobody writes and what would take pysubs2 hours to read.
LONGEST_TIMES = 80  # characters of two times without an arrow
LONGEST_HEADING = 200  # characters of a section of ASS
MOST_DIGITS = 9
VTT_BLOCKS = ("NOTE", "STYLE", "REGION")
ITALIC = re.compile(r"\\i1")


@dataclass
class SourceFile:
    """A subtitle file that was read.

    Attributes:
        format: srt, vtt, ass, ssa or ttml.
        cues: In the order of the file; of ASS, in order of time.
        stray: Lines of text that belong to no cue: (line number, text).
        tolerance: What rounding to the file's own times may cost, in seconds.
        text: The whole file.
    """

    format: str
    cues: list[SourceCue] = field(default_factory=list)
    stray: list[tuple[int, str]] = field(default_factory=list)
    tolerance: float = TOLERANCE
    text: str = ""


@dataclass
class _Block:
    """A cue of SRT or WebVTT before its markup is read."""

    line: int
    number: int | None
    start: float
    end: float
    lines: list[str] = field(default_factory=list)


def read_source(path: Path) -> SourceFile:
    """Read a subtitle file.

    Args:
        path: The file; its suffix says what it is.

    Raises:
        InputError: When it cannot be read or is malformed, with the line number.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise InputError(
            f"{path}: not a subtitle file that can be read",
            hint=f"One of {', '.join(SUFFIXES)}",
        )
    text = read_text(path)
    if kind == "ttml":
        return SourceFile(kind, read_ttml(text, path), text=text)
    if kind in ("ass", "ssa"):
        text = "\n".join(LINE_END.split(text))
        return SourceFile(kind, _read_ass(text, kind, path), [], ASS_TOLERANCE, text)
    lines = LINE_END.split(text)
    blocks, stray = (_srt_blocks if kind == "srt" else _vtt_blocks)(lines, path)
    if not blocks and any(line.strip() for line in lines) and kind == "srt":
        raise InputError(f"{path}:1: no cue in it", hint="Is it a subtitle file?")
    return SourceFile(kind, [_cue(block, kind, path) for block in blocks], stray, text=text)


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
            blocks.append(_Block(index + 1, number, *times))
            is_open = True
        elif not line.strip():
            is_open = is_open and not (blocks and blocks[-1].lines)
        elif is_open:
            blocks[-1].lines.append(line)
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
        elif state in ("header", "skipped"):
            continue
        elif state == "between" and line.startswith(VTT_BLOCKS):
            state = "skipped"
        elif (times := _times(line, "vtt", path, index)) is not None:
            if stray and stray[-1][0] == index - 1:
                stray.pop()  # the cue's own name
            blocks.append(_Block(index, None, *times))
            state = "cue"
        elif state == "cue":
            blocks[-1].lines.append(line)
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
    return SourceCue(
        block.start,
        block.end,
        unescape(event.plaintext) if kind == "vtt" else event.plaintext,
        line=block.line,
        raw=raw,
        number=block.number,
        is_italic=bool(ITALIC.search(event.text)),
        colours=colours_in(raw, kind),
    )


def _read_ass(text: str, kind: str, path: Path) -> list[SourceCue]:
    """Return the cues of an ASS or SSA file in order of time; comments and drawings are none."""
    numbers = _event_lines(text, path)
    if "[events]" not in text.lower():
        raise InputError(f"{path}:1: no [Events] in it", hint="Is it a subtitle file?")
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles that nobody shows here
            subtitles = pysubs2.SSAFile.from_string(text, format_=kind)
    except (ValueError, IndexError, pysubs2.Pysubs2Error) as error:
        raise InputError(f"{path}:1: cannot be read: {error}", hint="Open it in Aegisub") from error
    if len(subtitles.events) != len(numbers):
        raise InputError(f"{path}:1: events outside of [Events]", hint="Open it in Aegisub")
    plain = pysubs2.SSAStyle()
    cues = [
        _ass_cue(event, subtitles.styles.get(event.style, plain), number)
        for event, number in zip(subtitles.events, numbers, strict=True)
        if not event.is_comment and not event.is_drawing
    ]
    return sorted(cues, key=lambda cue: cue.start)


def _event_lines(text: str, path: Path) -> list[int]:
    """Return the line numbers of the events; all that pysubs2 would stumble over is refused."""
    numbers: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if "[" in line[:4] and len(line) > LONGEST_HEADING:
            raise InputError(f"{path}:{number}: not a section: {line[:60]}", hint="[Events]")
        if line.startswith(("Dialogue:", "Comment:")):
            fields = line.split(":", 1)[1].split(",", 9)
            if len(fields) < 10 or not all(ASS_TIME.fullmatch(one) for one in fields[1:3]):
                raise InputError(
                    f"{path}:{number}: not an event: {line[:60]}",
                    hint="Dialogue: 0,0:01:02.34,0:01:04.56,Default,,0,0,0,,Text",
                )
            refuse_too_many_tags(fields[9], path, number)
            numbers.append(number)
    return numbers


def _ass_cue(event: pysubs2.SSAEvent, style: pysubs2.SSAStyle, line: int) -> SourceCue:
    colour = style.primarycolor
    return SourceCue(
        event.start / MILLISECONDS,
        event.end / MILLISECONDS,
        event.plaintext,
        line=line,
        raw=event.text,
        is_italic=bool(ITALIC.search(event.text)) or style.italic,
        colours=colours_in(event.text, "ass")
        or (name_of(f"#{colour.r:02X}{colour.g:02X}{colour.b:02X}"),),
    )
