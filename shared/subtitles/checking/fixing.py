#!/usr/bin/env python3
"""
Fixing: the safe corrections of a subtitle file, into a new file. No word is changed or lost.

A repair is judged by reading the new file again (guard.py): cues to which it would do harm are left
as they are, for the linter to name. Mending a mended file changes nothing.

Usage:
    from shared.subtitles.checking.fixing import fix_source

    write_text(new_path, fix_source(read_source(path), limits))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from shared.core.errors import InputError
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.checking import ttml_fixing
from shared.subtitles.checking.block_fixing import rewrite_blocks, rewrite_events
from shared.subtitles.checking.guard import EVERY, Reader, harmed, in_order
from shared.subtitles.checking.rolling import rolling_runs
from shared.subtitles.checking.text_fixing import mend_text
from shared.subtitles.checking.time_fixing import mend_times
from shared.subtitles.files.source import SourceFile, parse_source

# A whole tag of SRT, WebVTT or ASS; a broken one may hold what somebody wrote.
TAG = re.compile(r"</?(?:[biuc]|v|lang|ruby|rt|font)(?![^\W_])[^<>]*>|<[\d:.]+>|\{\\[^{}]*\}")
WORD = re.compile(r"\w")
# One correction may make room for another.
MOST_PASSES = 8
# How often cues are left as they are, before all are.
MOST_TRIES = 6
Rewrite = Callable[[SourceFile, Sequence[tuple[int, SourceCue]]], str]
REWRITE: dict[str, Rewrite] = {
    "srt": rewrite_blocks,
    "vtt": rewrite_blocks,
    "ass": rewrite_events,
    "ssa": rewrite_events,
    "ttml": ttml_fixing.rewrite_ttml,
}


def fix_source(
    source: SourceFile,
    limits: ReadingLimits,
    film_end: float | None = None,
    reader: Reader | None = None,
) -> str:
    """Return a file's text with what can safely be mended mended.

    Empty cues go, cues come in order of time, small overlaps and open gaps are closed, cues stay
    as long as reading needs where there is room, and text is written as the profile asks. Markup,
    styles, positions, notes and whatever else is in the file stay.

    Args:
        source: The file as it was read.
        limits: What it should keep to.
        film_end: Nothing is made to stay after it; seconds, None when not known.
        reader: Another program that reads both files.
    """
    rolling = rolling_runs(source.cues)
    rolls = {place for place, index in enumerate(in_order(source)) if index in rolling}
    left = _Left(set(rolls), set(rolls))
    for _ in range(MOST_TRIES):
        text = _mended(source, limits, film_end, left)
        if text == source.text:
            return text
        worse = _harmed(source, text, limits, film_end, reader)
        if not worse:
            return text
        if min(worse) < 0:
            break
        left.leave(worse)
    every = set(range(len(source.cues)))
    text = _mended(source, limits, film_end, _Left(every, every))
    return source.text if _harmed(source, text, limits, film_end, reader) else text


def _harmed(
    source: SourceFile,
    text: str,
    limits: ReadingLimits,
    film_end: float | None,
    reader: Reader | None,
) -> frozenset[int]:
    """Return which cues a mended text did harm to; all, where it can not be read any more."""
    try:
        new = parse_source(text, source.format, source.path)
    except InputError:
        return EVERY
    return harmed(source, new, limits, film_end, reader)


@dataclass
class _Left:
    """Cues that stay as they are, as places in order of time: their texts, their times."""

    texts: set[int]
    times: set[int]

    def leave(self, harmed: AbstractSet[int]) -> None:
        """Leave more of what a repair did harm to: first texts, then times, then neighbours."""
        texts = harmed - self.texts
        times = (harmed & self.texts) - self.times
        rest = harmed & self.texts & self.times
        self.texts |= texts
        self.times |= times
        around = {place + side for place in rest for side in (-1, 1)}
        self.texts |= around
        self.times |= around


def _mended(source: SourceFile, limits: ReadingLimits, film_end: float | None, left: _Left) -> str:
    """Return the text of a file mended until nothing changes any more."""
    for _ in range(MOST_PASSES):
        text = _mended_once(source, limits, film_end, left)
        if text == source.text:
            break
        try:
            source = parse_source(text, source.format, source.path)
        except InputError:  # nothing is left of it that is read: for the guard to see
            return text
    return source.text


def _mended_once(
    source: SourceFile, limits: ReadingLimits, film_end: float | None, left: _Left
) -> str:
    kept = in_order(source)
    texts = [
        cue if place in left.texts else mend_text(cue, source.format, limits)
        for place, cue in enumerate(source.cues[index] for index in kept)
    ]
    cues = mend_times(texts, limits, source, film_end, left.times)
    whole = [*zip(kept, cues, strict=True), *_before_text(source)]
    whole.sort(key=lambda pair: (pair[1].start, pair[0]))
    return REWRITE[source.format](source, whole)


def _before_text(source: SourceFile) -> Iterator[tuple[int, SourceCue]]:
    """Yield the empty cues that stay: with words in a broken tag, or with text behind their times.

    Other programs show that text at these times.
    """
    lines = {line for line, _ in source.stray} | {fault.line for fault in source.faults}
    lines = lines if source.format in ("srt", "vtt") else set()
    end = len(source.text)
    for index, cue in enumerate(source.cues):
        if cue.text.strip() or source.format == "ttml":
            continue
        if WORD.search(TAG.sub("", cue.raw)):
            yield index, cue
            continue
        following = source.cues[index + 1].block[0] if index + 1 < len(source.cues) else end
        if any(cue.block[1] < line < following for line in lines):
            yield index, cue
