#!/usr/bin/env python3
"""
ASS source: the events of an ASS or SSA file with the line on which each stands.

Usage:
    from shared.subtitles.files.ass_source import lost_lines, read_events

    read_events(text, "ass", path)[0].line
    lost_lines(text)                       # [(31, "a second line that somebody typed")]
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pysubs2

from shared.core.errors import InputError
from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.base.colours import colours_in, name_of
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.markup import ITALIC, refuse_too_many_tags

EVENTS = "[events]"
ASS_TIME = re.compile(r"\s*(\d{1,2}):([0-5]?\d):([0-5]?\d)\.(\d{2,3})\s*")
# What nobody writes and what would take pysubs2 hours to read.
LONGEST_HEADING = 200  # characters of a section of ASS
# What a line among the events begins with; any other is text that no program shows.
EVENT_LINE = re.compile(r"(Format|Dialogue|Comment|Picture|Sound|Movie|Command):|;|!:")


def read_events(text: str, kind: str, path: Path) -> list[SourceCue]:
    """Return the cues of an ASS or SSA file in order of time; comments and drawings are none.

    Args:
        text: The file, its lines separated by line feeds.
        kind: ass or ssa.
        path: Its name, for messages.

    Raises:
        InputError: When it is malformed, with the line number.
    """
    numbers = _event_lines(text, path)
    if EVENTS not in text.lower():
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


def lost_lines(text: str) -> list[tuple[int, str]]:
    """Return line number and text of what stands among the events and belongs to none.

    Args:
        text: The file, its lines separated by line feeds.
    """
    section, found = "", []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line.lower()
        elif section == EVENTS and line and not EVENT_LINE.match(line):
            found.append((number, line))
    return found


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
