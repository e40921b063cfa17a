#!/usr/bin/env python3
"""
Fixing: the safe corrections of a subtitle file, into a new file. No word is changed or lost.

Mending a mended file changes nothing, and it never has more errors than it had.

Usage:
    from shared.subtitles.checking.fixing import fix_source

    write_text(new_path, fix_source(read_source(path), limits))
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.core.errors import InputError
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.checking import ttml_fixing
from shared.subtitles.checking.block_fixing import rewrite_blocks, rewrite_events
from shared.subtitles.files.markup import unescape
from shared.subtitles.files.source import SourceFile, parse_source, shown_text
from shared.subtitles.layout.tidy import laid_out, one_ellipsis, tidy_text

TAGS = r"(?:\{[^}]*\}|<[^<>]+>)"
WRAPPED = re.compile(rf"({TAGS}*)(.*?)({TAGS}*)", re.DOTALL)
TAG = re.compile(f"({TAGS})")
# Beyond it a text is no subtitle, and laying it out would take hours.
LONGEST_LAID_OUT = 2000  # characters
ROUNDING = 0.0005  # seconds
# One correction may make room for another.
MOST_PASSES = 8
Rewrite = Callable[[SourceFile, Sequence[tuple[int, SourceCue]]], str]
REWRITE: dict[str, Rewrite] = {
    "srt": rewrite_blocks,
    "vtt": rewrite_blocks,
    "ass": rewrite_events,
    "ssa": rewrite_events,
    "ttml": ttml_fixing.rewrite_ttml,
}


def fix_source(source: SourceFile, limits: ReadingLimits, film_end: float | None = None) -> str:
    """Return a file's text with what can safely be mended mended.

    Empty cues go, cues come in order of time, small overlaps and open gaps are closed, cues stay
    as long as reading needs where there is room, and text is written as the profile asks. Markup,
    styles, positions, notes and whatever else is in the file stay.

    Args:
        source: The file as it was read.
        limits: What it should keep to.
        film_end: Nothing is made to stay after it; seconds, None when not known.

    Raises:
        InputError: When a word would be lost.
    """
    said = _words_of(source)
    for _ in range(MOST_PASSES):
        text = _mended_once(source, limits, film_end)
        if text == source.text:
            break
        source = parse_source(text, source.format, source.path)
        if _words_of(source) != said:
            raise InputError(
                f"{source.path} cannot be mended without losing words",
                hint="Mend what the linter names by hand",
            )
    return source.text


def _words_of(source: SourceFile) -> list[str]:
    return _words([cue.text for cue in source.cues] + [text for _, text in source.stray])


def _words(texts: Sequence[str]) -> list[str]:
    """Return every word, in no order, without signs."""
    spoken = "".join(char for char in " ".join(texts) if char.isalnum() or char.isspace())
    return sorted(spoken.split())


def _mended_once(source: SourceFile, limits: ReadingLimits, film_end: float | None) -> str:
    order = sorted(range(len(source.cues)), key=lambda index: source.cues[index].start)
    kept = [index for index in order if source.cues[index].text.strip()]
    texts = [_mend_text(source.cues[index], source.format, limits) for index in kept]
    cues = _mend_times(texts, limits, source.step, film_end)
    return REWRITE[source.format](source, list(zip(kept, cues, strict=True)))


def _mend_text(cue: SourceCue, kind: str, limits: ReadingLimits) -> SourceCue:
    """Return a cue with its text tidied, as it was where a reader would then miss a word."""
    if kind == "ttml":
        return _mend_paragraph(cue, limits)
    mended = _tidied(cue, kind, limits)
    is_changed = mended.raw != cue.raw
    is_lost = is_changed and _words([shown_text(mended.raw, kind)]) != _words([cue.text])
    return cue if is_lost else mended


def _tidied(cue: SourceCue, kind: str, limits: ReadingLimits) -> SourceCue:
    """Return a cue with its text tidied; where markup stands inside it, only the signs."""
    raw = cue.raw.replace("\\N", "\n")
    found = WRAPPED.fullmatch(raw)
    is_simple = found is not None and not TAG.search(found[2]) and "\\" not in found[2]
    if found is None or not is_simple or len(found[2]) > LONGEST_LAID_OUT:
        return replace(cue, raw=_between_tags(raw, limits))
    text = unescape(found[2]) if kind == "vtt" else found[2]
    tidied = laid_out(tidy_text(text, limits, cue.is_lyrics), limits)
    if tidied == text:
        return replace(cue, raw=raw)
    written = html.escape(tidied, quote=False) if kind == "vtt" else tidied
    return replace(cue, text=tidied, raw=found[1] + written + found[3])


def _mend_paragraph(cue: SourceCue, limits: ReadingLimits) -> SourceCue:
    """Return a cue of TTML with its text tidied; where elements stand inside it, only the signs."""
    if not ttml_fixing.is_readable(cue.raw):
        return cue
    found = WRAPPED.fullmatch(ttml_fixing.content_lines(cue.raw))
    is_simple = found is not None and ttml_fixing.shown_as(found[2]) == cue.text
    if found is None or not is_simple or len(cue.text) > LONGEST_LAID_OUT:
        return replace(cue, raw=_between_tags(cue.raw, limits))
    tidied = laid_out(tidy_text(cue.text, limits, cue.is_lyrics), limits)
    if tidied == cue.text:
        return cue
    return replace(cue, text=tidied, raw=found[1] + ttml_fixing.written(tidied, cue.raw) + found[3])


def _between_tags(raw: str, limits: ReadingLimits) -> str:
    """Return text with markup inside it: what is mended lies between two tags."""
    pieces = TAG.split(raw)
    return "".join(
        one_ellipsis(piece, limits) if number % 2 == 0 else piece
        for number, piece in enumerate(pieces)
    )


def _mend_times(
    cues: Sequence[SourceCue], limits: ReadingLimits, step: float, film_end: float | None
) -> list[SourceCue]:
    """Return cues that end where they should; where a cue begins is never changed."""
    mended: list[SourceCue] = []
    for index, cue in enumerate(cues):
        after = cues[index + 1].start if index + 1 < len(cues) else math.inf
        latest = after - limits.min_gap
        needed = max(limits.min_duration, limits.needed_seconds(cue.text))
        end = max(cue.end, _up(cue.start + needed, step))
        end = min(end, _down(cue.start + limits.max_duration, step))
        if film_end is not None:
            end = min(end, max(cue.end, film_end))
        room = latest - cue.start
        is_open = latest - limits.closed_gap + limits.min_gap < end < latest
        if is_open and room <= limits.max_duration:
            end = latest
        elif end > latest and room >= min(limits.min_duration, cue.duration):
            end = latest
        elif end > latest:
            end = cue.end  # a real overlap is for a person to mend
        end = _down(end, step)
        mended.append(replace(cue, end=end if abs(end - cue.end) > ROUNDING else cue.end))
    return mended


def _up(seconds: float, step: float) -> float:
    return math.ceil((seconds - ROUNDING) / step) * step


def _down(seconds: float, step: float) -> float:
    return math.floor((seconds + ROUNDING) / step) * step
