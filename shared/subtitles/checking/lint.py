#!/usr/bin/env python3
"""
Lint: what is wrong with a list of cues; the rules stand in rules/, a function each.

Usage:
    from shared.subtitles.checking.lint import lint_cues, lint_source

    for finding in lint_cues(cues, limits): ...
    for finding in lint_source(read_source(path), limits): ...
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import TOLERANCE, Finding, LintReport, Place
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.checking.rules import layout, shots, timing, wording
from shared.subtitles.files.source import SourceFile

__all__ = ["RULES", "Finding", "LintReport", "each_finding", "lint_cues", "lint_source"]

RULES = timing.RULES + layout.RULES + wording.RULES + shots.RULES


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
    places = (Place(index, cues, limits, cuts, film_end, tolerance) for index in range(len(cues)))
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
    """Yield the findings of a file in order of its cues, and text that belongs to none of them.

    Each is made when it is asked for: those of a file of any size never need memory together.

    Args:
        source: The file.
        limits: What it should keep to.
        cuts: Times of shot changes in seconds, in order; empty when not known.
        film_end: Length of the film in seconds, None when not known.
    """
    cues = source.cues
    stray = deque(source.stray)  # in order of lines, as the cues of every format that has some
    for index, cue in enumerate(cues):
        while stray and stray[0][0] < cue.line:
            yield _outside(cues, index, *stray.popleft())
        place = Place(index, cues, limits, cuts, film_end, source.tolerance)
        yield from (finding for rule in RULES for finding in rule(place))
    yield from (_outside(cues, len(cues), line, text) for line, text in stray)


def _outside(cues: Sequence[Cue], number: int, line: int, text: str) -> Finding:
    """Return the finding of text behind cue `number`, 0 = in front of the first."""
    return Finding(
        rule="text-outside",
        severity="error",
        cue=number,
        time=cues[number - 1].start if number else 0.0,
        message=f"text outside of every cue: {text[:40]}",
        line=line,
    )
