#!/usr/bin/env python3
"""
Fixing: the safe corrections of a subtitle file, into a new file. No word is changed.

Usage:
    from shared.subtitles.fixing import fix_source

    write_text(new_path, fix_source(read_source(path), limits))
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace

import pysubs2

from shared.core.errors import InputError
from shared.subtitles.cue import SourceCue
from shared.subtitles.markup import unescape
from shared.subtitles.profiles import ReadingLimits
from shared.subtitles.source import MILLISECONDS, SourceFile
from shared.subtitles.tidy import laid_out, one_ellipsis, tidy_text

TAGS = r"(?:\{[^}]*\}|<[^<>]+>)"
WRAPPED = re.compile(rf"({TAGS}*)(.*?)({TAGS}*)", re.DOTALL)
TAG = re.compile(f"({TAGS})")
# Beyond it a text is no subtitle, and laying it out would take hours.
LONGEST_LAID_OUT = 2000  # characters
ASS_HOURS = 36_000.0  # seconds; ASS writes hours with one digit
VTT_EXTRAS = re.compile(r"(?m)^(STYLE|REGION)\b|-->\s+\S+[ \t]+\S")


def fix_source(source: SourceFile, limits: ReadingLimits) -> str:
    """Return a file's text with what can safely be mended mended.

    Empty cues go, cues come in order of time, small overlaps and open gaps are closed, cues stay
    as long as reading needs where there is room, and text is written as the profile asks. Markup
    stays.

    Args:
        source: The file as it was read.
        limits: What it should keep to.

    Raises:
        InputError: When the format holds what would be lost.
    """
    if source.format == "ttml" or (source.format == "vtt" and VTT_EXTRAS.search(source.text)):
        raise InputError(
            "TTML, and WebVTT with styles or positions, cannot be mended without losing them",
            hint="Mend the SRT or ASS file that it was made from",
        )
    ordered = sorted(source.cues, key=lambda cue: cue.start)
    kept = [replace(one, end=max(one.end, one.start)) for one in ordered if one.text.strip()]
    mended = [_mend_text(cue, source.format, limits) for cue in kept]
    return _written(source, _mend_times(mended, limits))


def _mend_text(cue: SourceCue, kind: str, limits: ReadingLimits) -> SourceCue:
    """Return a cue with its text tidied; where markup stands inside it, only the signs."""
    raw = cue.raw.replace("\\N", "\n")
    found = WRAPPED.fullmatch(raw)
    is_simple = found is not None and not TAG.search(found[2]) and "\\" not in found[2]
    if found is None or not is_simple or len(found[2]) > LONGEST_LAID_OUT:
        return replace(cue, raw=_between_tags(raw, limits))
    text = unescape(found[2]) if kind == "vtt" else found[2]
    text = laid_out(tidy_text(text, limits, cue.is_lyrics), limits)
    written = html.escape(text, quote=False) if kind == "vtt" else text
    return replace(cue, text=text, raw=found[1] + written + found[3])


def _between_tags(raw: str, limits: ReadingLimits) -> str:
    """Return text with markup inside it: what is mended lies between two tags."""
    pieces = TAG.split(raw)
    return "".join(
        one_ellipsis(piece, limits) if number % 2 == 0 else piece
        for number, piece in enumerate(pieces)
    )


def _mend_times(cues: Sequence[SourceCue], limits: ReadingLimits) -> list[SourceCue]:
    """Return cues that end where they should; where a cue begins is never changed."""
    mended: list[SourceCue] = []
    for index, cue in enumerate(cues):
        needed = max(limits.min_duration, limits.needed_seconds(cue.text))
        end = min(max(cue.end, cue.start + needed), cue.start + limits.max_duration)
        if index + 1 < len(cues):
            latest = cues[index + 1].start - limits.min_gap
            room = latest - cue.start
            is_open = latest - limits.closed_gap + limits.min_gap < end < latest
            if is_open and room <= limits.max_duration:
                end = latest
            elif end > latest and room >= min(limits.min_duration, cue.duration):
                end = latest
            elif end > latest:
                end = cue.end  # a real overlap is for a person to mend
        mended.append(replace(cue, end=end))
    return mended


def _written(source: SourceFile, cues: Sequence[SourceCue]) -> str:
    """Return the file with these cues; ASS keeps its styles and comments."""
    if source.format in ("ass", "ssa"):
        if any(max(cue.start, cue.end) >= ASS_HOURS for cue in cues):
            raise InputError(
                "ASS has no times of 10 hours and more",
                hint="Shift the times, or mend the SRT file",
            )
        subtitles = pysubs2.SSAFile.from_string(source.text, format_=source.format)
        shown = [e for e in subtitles.events if not e.is_comment and not e.is_drawing]
        others = [e for e in subtitles.events if e.is_comment or e.is_drawing]
        by_line = {cue.line: event for cue, event in _in_order_of_lines(source, shown)}
        events = [(by_line[cue.line], cue) for cue in cues]
    else:
        subtitles, others = pysubs2.SSAFile(), []
        events = [(pysubs2.SSAEvent(), cue) for cue in cues]
    for event, cue in events:
        event.start = round(cue.start * MILLISECONDS)
        event.end = round(cue.end * MILLISECONDS)
        event.text = cue.raw.replace("\n", "\\N")
    subtitles.events = others + [event for event, _ in events]
    kept = {} if source.format in ("ass", "ssa") else {"keep_ssa_tags": True}
    return str(subtitles.to_string(source.format, **kept))


def _in_order_of_lines(
    source: SourceFile, events: Sequence[pysubs2.SSAEvent]
) -> list[tuple[SourceCue, pysubs2.SSAEvent]]:
    ordered = sorted(source.cues, key=lambda cue: cue.line)
    return list(zip(ordered, events, strict=True))
