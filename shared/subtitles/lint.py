#!/usr/bin/env python3
"""
Lint: what is wrong with a list of cues; the rules stand in shared/subtitles/rules, a function each.

Usage:
    from shared.subtitles.lint import lint_cues

    for finding in lint_cues(cues, limits): ...
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.subtitles.cue import Cue
from shared.subtitles.finding import TOLERANCE, Finding, LintReport, Place
from shared.subtitles.profiles import ReadingLimits
from shared.subtitles.rules import layout, shots, timing, wording

__all__ = ["RULES", "Finding", "LintReport", "lint_cues"]

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
    return [
        finding
        for index in range(len(cues))
        for rule in RULES
        for finding in rule(Place(index, cues, limits, cuts, film_end, tolerance))
    ]
