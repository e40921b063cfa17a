#!/usr/bin/env python3
"""
Timing: how far cues are from where they should be, what speech has no cue, how fast they read.

Usage:
    from tools.evaluation.timing import coverage, cue_times

    cue_times(reference, hypothesis).in_median
"""

from __future__ import annotations

import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from shared.subtitles.base.counting import count_characters
from shared.subtitles.base.profiles import ReadingLimits
from tools.evaluation.inputs import Line, WordOnset
from tools.evaluation.words import align, normalise

# Shorter stretches than this without a cue, in seconds, are gaps between cues.
SHORTEST_GAP = 0.5


@dataclass(frozen=True)
class TimeErrors:
    """Errors in seconds of the cues whose first (last) word is that of a reference cue."""

    compared: int
    of: int
    median: float | None
    bias: float | None
    worst: float | None

    @classmethod
    def of_errors(cls, errors: Sequence[float], of: int) -> TimeErrors:
        """Return the summary of signed errors.

        Args:
            errors: Seconds, negative = too early.
            of: How many cues there are.
        """
        if not errors:
            return cls(0, of, None, None, None)
        sizes = [abs(error) for error in errors]
        middle = statistics.median(errors)
        return cls(len(errors), of, statistics.median(sizes), middle, max(errors, key=abs))


@dataclass(frozen=True)
class Coverage:
    """Seconds of the reference's cues in which there is a cue too."""

    seconds: float
    of: float
    missing: list[tuple[float, float]]

    @property
    def share(self) -> float:
        """0 to 1; 1 where the reference has nothing."""
        return self.seconds / self.of if self.of else 1.0


@dataclass(frozen=True)
class Speeds:
    """Characters a second over the cues of a file."""

    median: float
    ninetieth: float
    most: float
    over: float


def cue_times(
    reference: Sequence[Line], hypothesis: Sequence[Line]
) -> tuple[TimeErrors, TimeErrors]:
    """Return the errors of in-times and of out-times.

    Compared are cues that begin (end) with the word that a reference cue begins (ends) with. A
    difference need not be ours: people set captions early. onset_errors judges by the words.

    Args:
        reference: Cues as they should be, timed.
        hypothesis: Cues as they are, timed.
    """
    expected, got = _placed(reference), _placed(hypothesis)
    ins, outs = [], []
    for first, second in align([one.text for one in expected], [one.text for one in got]):
        if first is None or second is None or expected[first].text != got[second].text:
            continue
        ours, theirs = got[second], expected[first]
        if ours.is_first and theirs.is_first:
            ins.append(ours.start - theirs.start)
        if ours.is_last and theirs.is_last:
            outs.append(ours.end - theirs.end)
    count = len(hypothesis)
    return TimeErrors.of_errors(ins, count), TimeErrors.of_errors(outs, count)


def onset_errors(words: Sequence[WordOnset], hypothesis: Sequence[Line]) -> TimeErrors:
    """Return how far in-times are from the onsets of the words that cues begin with.

    Args:
        words: Every word of the reference with its time.
        hypothesis: Cues, timed.
    """
    expected = [(text, one.start) for one in words for text in normalise(one.text)]
    got = _placed(hypothesis)
    errors = []
    for first, second in align([text for text, _ in expected], [one.text for one in got]):
        if first is None or second is None or expected[first][0] != got[second].text:
            continue
        if got[second].is_first:
            errors.append(got[second].start - expected[first][1])
    return TimeErrors.of_errors(errors, len(hypothesis))


def coverage(reference: Sequence[Line], hypothesis: Sequence[Line]) -> Coverage:
    """Return how much of the reference's time has a cue, and the stretches without one.

    Args:
        reference: Cues as they should be, timed.
        hypothesis: Cues as they are, timed.
    """
    missing: list[tuple[float, float]] = []
    lost = total = 0.0
    theirs = _merged(hypothesis)
    for start, end in _merged(reference):
        total += end - start
        position = start
        first = bisect_right(theirs, start, key=lambda one: one[1])
        last = bisect_left(theirs, end, key=lambda one: one[0])
        for low, high in [*theirs[first:last], (end, end)]:
            gap_end = min(low, end)
            if gap_end > position:
                lost += gap_end - position
                if gap_end - position >= SHORTEST_GAP:
                    missing.append((round(position, 3), round(gap_end, 3)))
            position = max(position, min(high, end))
    return Coverage(total - lost, total, missing)


def reading_speeds(lines: Sequence[Line], limits: ReadingLimits) -> Speeds | None:
    """Return how fast cues must be read, None without timed cues.

    Args:
        lines: Cues, timed.
        limits: Their language's reading speed and how characters are counted.
    """
    speeds: list[float] = []
    over = 0
    for line in lines:
        if line.start is not None and line.end is not None and line.end > line.start:
            length = line.end - line.start
            speeds.append(count_characters(line.text, limits.speed_counting) / length)
            over += limits.needed_seconds(line.text) > length
    if not speeds:
        return None
    speeds.sort()
    ninetieth = speeds[min(len(speeds) - 1, int(0.9 * len(speeds)))]
    return Speeds(statistics.median(speeds), ninetieth, speeds[-1], over / len(speeds))


@dataclass(frozen=True)
class _PlacedWord:
    text: str
    start: float
    end: float
    is_first: bool
    is_last: bool


def _placed(lines: Sequence[Line]) -> list[_PlacedWord]:
    placed: list[_PlacedWord] = []
    for line in lines:
        words = normalise(line.said)
        for number, text in enumerate(words):
            is_last = number + 1 == len(words)
            start, end = line.start or 0.0, line.end or 0.0
            placed.append(_PlacedWord(text, start, end, number == 0, is_last))
    return placed


def _merged(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Return the stretches in which there is some text, in order."""
    spans = sorted(
        (line.start, line.end)
        for line in lines
        if line.start is not None and line.end is not None and line.text.strip()
    )
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
