#!/usr/bin/env python3
"""
Blocks: the cues of SRT and WebVTT, line by line, as players find them.

WebVTT is read as its standard says: an empty line alone ends a block, a block without times is
shown by nobody, a cue with malformed times is left out and the rest is shown.

Usage:
    from shared.subtitles.reading.blocks import read_blocks

    read_blocks(text, "vtt", path).cues[0].block
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.core.errors import InputError
from shared.subtitles.base.colours import colours_in
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.reading.markup import is_italic, refuse_too_many_tags, shown_text
from shared.subtitles.reading.result import Fault, Reading
from shared.subtitles.reading.source_text import MARK
from shared.subtitles.reading.times import ARROW, LINE_END, read_times

MOST_DIGITS = 9
HEAD = re.compile(r"WEBVTT(\s|$)")
# Blocks of WebVTT that are no text; a name of a cue may begin with the same letters.
NO_TEXT = re.compile(r"NOTE(\s|$)|(STYLE|REGION)\s*$")
# What moves a cue of WebVTT on the picture.
SETTING = re.compile(r"(?:^|\s)((?:region|line|position|vertical):\S+)")
# The same of SRT: signs of ASS in its text, or a box behind its times.
ASS_PLACE = re.compile(r"\\(?:an?\d+|pos\([^)]*\)|move\([^)]*\))")
BOX = re.compile(r"\b[XY][12]:\s*-?\d+")
USUAL_PLACE = ("\\an2", "\\a2")


@dataclass(slots=True)
class _Block:
    """A cue before its markup is read."""

    line: int
    number: int | None
    start: float
    end: float
    lines: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0
    settings: str = ""


@dataclass
class _Found:
    """What was found so far."""

    blocks: list[_Block] = field(default_factory=list)
    stray: list[tuple[int, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_blocks(text: str, kind: str, path: Path) -> Reading:
    """Return what an SRT or WebVTT file holds.

    Args:
        text: All of it.
        kind: srt or vtt.
        path: Its name, for messages.

    Raises:
        InputError: It is none, or a cue would take hours to read, with the line number.
    """
    lines = [line.lstrip(MARK) for line in LINE_END.split(text)]
    if kind == "vtt" and not HEAD.match(lines[0]):
        raise InputError(f"{path}:1: WEBVTT is missing", hint="It must be the first word")
    found = (_Srt(lines) if kind == "srt" else _Vtt(lines)).read()
    is_text = any(line.strip() for line in lines)
    if not found.blocks and not found.faults and is_text and kind == "srt":
        raise InputError(f"{path}:1: no cue in it", hint="Is it a subtitle file?")
    cues = [_cue(block, kind, path) for block in found.blocks]
    return Reading(cues, found.stray, found.faults)


class _Srt:
    """Reads SRT: a cue begins with its times, and a number in front of them is its own."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.found = _Found()
        self.state = "outside"

    def read(self) -> _Found:
        """Return all blocks."""
        for index, line in enumerate(self.lines):
            times = read_times(line, "srt", index + 1)
            if isinstance(times, Fault):
                self._own_number(index)
                self.found.faults.append(times)
                self.state = "malformed"
            elif times is not None:
                self._begin(index, line, times)
            else:
                self._add(index, line)
        return self.found

    def _begin(self, index: int, line: str, times: tuple[float, float]) -> None:
        number = self._own_number(index)
        first = index + 1 - (number is not None)
        settings = line.partition(ARROW)[2]
        block = _Block(index + 1, number, *times, first=first, last=index + 1, settings=settings)
        self.found.blocks.append(block)
        self.state = "cue"

    def _add(self, index: int, line: str) -> None:
        blocks = self.found.blocks
        if not line.strip():
            is_waiting = self.state == "cue" and not blocks[-1].lines
            self.state = "cue" if is_waiting else "outside"
        elif self.state == "cue":
            blocks[-1].lines.append(line)
            blocks[-1].last = index + 1
        elif self.state == "outside":
            self.found.stray.append((index + 1, line.strip()))

    def _own_number(self, index: int) -> int | None:
        """Return the number in front of a line of times and take it away from what has it."""
        number = self._number(index)
        stray, blocks = self.found.stray, self.found.blocks
        if number is None:
            return None
        if stray and stray[-1][0] == index:
            stray.pop()
        elif self.state == "cue" and blocks[-1].lines:
            after_empty = index > 1 and not self.lines[index - 2].strip()
            if not after_empty and number not in (len(blocks) + 1, (blocks[-1].number or 0) + 1):
                return None  # no empty line in front of it, and not the next: the text's last line
            blocks[-1].lines.pop()
            blocks[-1].last -= 1
        return number

    def _number(self, index: int) -> int | None:
        text = self.lines[index - 1].strip() if index else ""
        return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


class _Vtt:
    """Reads WebVTT by its standard's rules for parsing."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.found = _Found()

    def read(self) -> _Found:
        """Return all blocks."""
        for block in self._parts():
            place = next((n for n, (_, line) in enumerate(block[:2]) if ARROW in line), None)
            if place is None or NO_TEXT.match(block[0][1]):
                self._without_times(block)
            else:
                self._cue(block, place)
        return self.found

    def _parts(self) -> Iterator[list[tuple[int, str]]]:
        """Yield the blocks behind the head, as numbered lines."""
        head = 1
        while head < len(self.lines) and self.lines[head] and ARROW not in self.lines[head]:
            head += 1
        block: list[tuple[int, str]] = []
        for number, line in enumerate(self.lines[head:], head + 1):
            is_next = ARROW in line and (len(block) > 1 or (block and ARROW in block[0][1]))
            if not line or is_next:
                yield block
                block = []
            if line:
                block.append((number, line))
        yield block

    def _without_times(self, block: Sequence[tuple[int, str]]) -> None:
        if block and not NO_TEXT.match(block[0][1]):
            self.found.stray += [(number, line.strip()) for number, line in block if line.strip()]

    def _cue(self, block: Sequence[tuple[int, str]], place: int) -> None:
        number, line = block[place]
        times = read_times(line, "vtt", number)
        if isinstance(times, Fault):
            self.found.faults.append(times)
        elif times is not None:
            text = [one for _, one in block[place + 1 :]]
            where = {"first": block[0][0], "last": block[-1][0]}
            made = _Block(number, None, *times, text, **where, settings=line.partition(ARROW)[2])
            self.found.blocks.append(made)


def _cue(block: _Block, kind: str, path: Path) -> SourceCue:
    raw = "\n".join(block.lines)
    refuse_too_many_tags(raw, path, block.line)
    text = shown_text(raw, kind)
    return SourceCue(
        block.start,
        block.end,
        raw if text == raw else text,  # most cues have no markup: one text, not two
        line=block.line,
        raw=raw,
        number=block.number,
        block=(block.first, block.last),
        is_italic=is_italic(raw, kind),
        colours=colours_in(raw, kind),
        place=_place(block, raw, kind),
    )


def _place(block: _Block, raw: str, kind: str) -> str:
    """Return where a cue stands on the picture; '' = where cues stand that say nothing."""
    if kind == "vtt":
        return " ".join(sorted(SETTING.findall(block.settings)))
    signs = [one for one in ASS_PLACE.findall(raw) if one not in USUAL_PLACE]
    return " ".join([*signs[:1], *BOX.findall(block.settings)])
