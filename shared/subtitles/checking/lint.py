#!/usr/bin/env python3
"""
Lint: what is wrong with a list of cues; the rules stand in rules/, a function each.

Usage:
    from shared.subtitles.checking.lint import lint_cues, lint_source

    for finding in lint_cues(cues, limits): ...
    for finding in lint_source(read_source(path), limits): ...
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import TOLERANCE, Finding, LintReport, Place
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.checking.rules import layout, shots, timing, wording
from shared.subtitles.files.source import SourceFile

__all__ = ["RULES", "Finding", "LintReport", "lint_cues", "lint_source"]

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
    """Return every finding of a file: those of its cues and text that belongs to none.

    Args:
        source: The file.
        limits: What it should keep to.
        cuts: Times of shot changes in seconds, in order; empty when not known.
        film_end: Length of the film in seconds, None when not known.
    """
    findings = lint_cues(source.cues, limits, cuts, film_end, source.tolerance)
    for line, text in source.stray:
        before = [number for number, cue in enumerate(source.cues, 1) if cue.line < line]
        number = before[-1] if before else 0
        findings.append(
            Finding(
                rule="text-outside",
                severity="error",
                cue=number,
                time=source.cues[number - 1].start if number else 0.0,
                message=f"text outside of every cue: {text[:40]}",
                line=line,
            )
        )
    return sorted(findings, key=lambda finding: finding.cue)
