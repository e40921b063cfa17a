#!/usr/bin/env python3
"""
Lint: what is wrong with a list of cues; the rules stand in rules/, a function each.

Usage:
    from shared.subtitles.checking.lint import lint_cues, lint_source

    for finding in lint_cues(cues, limits): ...
    for finding in lint_source(read_source(path), limits): ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import TOLERANCE, Finding, LintReport, Place, neighbours
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.checking.rolling import rolling_runs
from shared.subtitles.checking.rules import layout, shots, timing, wording
from shared.subtitles.files.source import SourceFile

__all__ = ["RULES", "Finding", "LintReport", "each_finding", "lint_cues", "lint_source"]

RULES = timing.RULES + layout.RULES + wording.RULES + shots.RULES
# What says nothing of its own about captions that roll.
ROLLED = frozenset(RULES) - {
    timing.order,
    timing.zero_length,
    wording.broken_character,
    wording.foreign_script,
}


def lint_cues(
    cues: Sequence[Cue],
    limits: ReadingLimits,
    cuts: Sequence[float] = (),
    film_end: float | None = None,
    tolerance: float = TOLERANCE,
) -> list[Finding]:
    """Return every finding, in order of the cues.

    Args:
        cues: In file order.
        limits: What they should keep to.
        cuts: Times of shot changes in seconds, in order; empty when not known.
        film_end: Length of the film in seconds, None when not known.
        tolerance: What rounding to the file's own times may cost, in seconds.
    """
    near = neighbours(cues)
    places = (
        Place(index, cues, limits, cuts, film_end, tolerance, near[index])
        for index in range(len(cues))
    )
    return [finding for place in places for rule in RULES for finding in rule(place)]


def lint_source(
    source: SourceFile,
    limits: ReadingLimits,
    cuts: Sequence[float] = (),
    film_end: float | None = None,
) -> list[Finding]:
    """Return every finding of a file; the arguments are those of each_finding."""
    return list(each_finding(source, limits, cuts, film_end))


def each_finding(
    source: SourceFile,
    limits: ReadingLimits,
    cuts: Sequence[float] = (),
    film_end: float | None = None,
) -> Iterator[Finding]:
    """Yield the findings of a file in order of its cues, and what is malformed or in none of them.

    Each is made when it is asked for: those of a file of any size never need memory together.

    Args:
        source: The file.
        limits: What it should keep to.
        cuts: Times of shot changes in seconds, in order; empty when not known.
        film_end: Length of the film in seconds, None when not known.
    """
    cues, near, rolling = source.cues, neighbours(source.cues), rolling_runs(source.cues)
    between = _between(source)
    waiting = next(between, None)
    for index, cue in enumerate(cues):
        while waiting is not None and waiting[0] < cue.line:
            yield _outside(cues, index, *waiting)
            waiting = next(between, None)
        place = Place(index, cues, limits, cuts, film_end, source.tolerance, near[index])
        if rolling.get(index):
            told = f"rolling captions: {rolling[index]} cues repeat a line of the one in front"
            yield place.finding("rolling", "error", told)
        rules = (rule for rule in RULES if index not in rolling or rule not in ROLLED)
        yield from (finding for rule in rules for finding in rule(place))
    while waiting is not None:
        yield _outside(cues, len(cues), *waiting)
        waiting = next(between, None)


def _between(source: SourceFile) -> Iterator[tuple[int, str, str]]:
    """Yield line, rule and message of what no cue holds, in order of lines."""
    stray = ((line, "text-outside", _told(text)) for line, text in source.stray)
    faults = ((one.line, one.rule, one.cause) for one in source.faults)
    return merge(stray, faults)


def _told(text: str) -> str:
    return f"text outside of every cue: {text[:40]}"


def _outside(cues: Sequence[Cue], number: int, line: int, rule: str, message: str) -> Finding:
    """Return the finding of what stands behind cue `number`, 0 = in front of the first."""
    return Finding(
        rule=rule,
        severity="error",
        cue=number,
        time=cues[number - 1].start if number else 0.0,
        message=message,
        line=line,
    )
