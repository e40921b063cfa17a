#!/usr/bin/env python3
"""
Cue reasons: why a cue breaks a limit, told where the linter would ask.

Usage:
    from shared.subtitles.shaping.cue_reasons import reasons_of

    reasons_of(cue, spoken_from=12.0, next_start=13.1, limits=limits)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from shared.subtitles.base.counting import count_characters, count_words
from shared.subtitles.base.cue import Cue, Reason
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.layout.line_breaks import break_faults
from shared.transcript.languages.symbols import NOTE_SIGNS

# Files hold whole milliseconds; anything below is rounding.
ROUNDING = 0.0011


def reasons_of(
    cue: Cue, spoken_from: float, next_start: float | None, limits: ReadingLimits
) -> tuple[Reason, ...]:
    """Return why a cue breaks what limits, nothing for a good one.

    Args:
        cue: With its final times.
        spoken_from: When its first word begins, seconds.
        next_start: When the next cue starts, seconds; None for the last.
        limits: What cues keep to.
    """
    return tuple(_reasons(cue, spoken_from, next_start, limits))


def _reasons(
    cue: Cue, spoken_from: float, next_start: float | None, limits: ReadingLimits
) -> Iterator[Reason]:
    if next_start is None:
        hurry = "the film or the longest duration ends"
    else:
        hurry = f"the next words come at {next_start:.3f} s"
    if cue.duration < limits.min_duration - ROUNDING:
        yield Reason("min-duration", f"said quickly: {hurry}")
    characters = count_characters(cue.text, limits.speed_counting)
    if characters / limits.reading_speed > cue.duration + ROUNDING:
        yield Reason("reading-speed", f"said quickly: {hurry}")
    if count_words(cue.text) * limits.seconds_per_word > cue.duration + ROUNDING:
        yield Reason("word-rate", f"said quickly: {hurry}")
    if cue.start > spoken_from + limits.frame + ROUNDING:
        yield Reason("late", f"said at {spoken_from:.3f} s, when another cue was still new")
    if any(limits.line_length(line) > limits.max_line_length for line in cue.lines):
        yield Reason("line-length", "a word is longer than a line")
    for above, below in pairwise(line.strip(NOTE_SIGNS + "# ") for line in cue.lines):
        if break_faults(above, below, limits.language):
            yield Reason("line-break", "every other break is worse or too uneven")
