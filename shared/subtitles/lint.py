#!/usr/bin/env python3
"""
Lint: what is wrong with a list of cues; one function a rule.

Usage:
    from shared.subtitles.lint import lint_cues

    for finding in lint_cues(cues, limits): ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from pydantic import Field

from shared.subtitles.counting import display_length
from shared.subtitles.cue import Cue
from shared.subtitles.profiles import ReadingLimits
from shared.transcript.schemas import SCHEMA_VERSION, Record

# Files hold whole milliseconds; anything below is rounding.
TOLERANCE = 0.0011

Severity = Literal["error", "warning"]
Rule = Callable[[int, Sequence[Cue], ReadingLimits], Iterator["Finding"]]


class Finding(Record):
    """One thing wrong with one cue."""

    rule: str
    severity: Severity
    cue: int = Field(ge=1, description="number of the cue, 1 = the first")
    time: float = Field(description="start of the cue in seconds")
    message: str


class LintReport(Record):
    """`lint.json` of stage subtitle_generation: findings by file name."""

    schema_version: Literal[1] = SCHEMA_VERSION
    files: dict[str, list[Finding]]


def lint_cues(cues: Sequence[Cue], limits: ReadingLimits) -> list[Finding]:
    """Return every finding, in order of the cues.

    Args:
        cues: In file order.
        limits: What they should keep to.
    """
    return [
        finding
        for index in range(len(cues))
        for rule in RULES
        for finding in rule(index, cues, limits)
    ]


def overlap(index: int, cues: Sequence[Cue], limits: ReadingLimits) -> Iterator[Finding]:
    """A cue starts before the one in front of it has gone."""
    if index and cues[index].start < cues[index - 1].end - TOLERANCE:
        yield _finding("overlap", "error", index, cues, "starts before the cue in front ends")


def gap(index: int, cues: Sequence[Cue], limits: ReadingLimits) -> Iterator[Finding]:
    """Two frames must lie between cues."""
    if index:
        length = cues[index].start - cues[index - 1].end
        if -TOLERANCE <= length < limits.min_gap - TOLERANCE:
            text = f"{length:.3f} s after the cue in front, at least {limits.min_gap:.3f} s"
            yield _finding("gap", "error", index, cues, text)


def duration(index: int, cues: Sequence[Cue], limits: ReadingLimits) -> Iterator[Finding]:
    """A cue stays long enough to be seen and not too long."""
    length = cues[index].duration
    if length < limits.min_duration - TOLERANCE:
        text = f"stays {length:.3f} s, at least {limits.min_duration:.3f} s"
        yield _finding("min-duration", "warning", index, cues, text)
    if length > limits.max_duration + TOLERANCE:
        text = f"stays {length:.3f} s, at most {limits.max_duration:.3f} s"
        yield _finding("max-duration", "error", index, cues, text)


def line_length(index: int, cues: Sequence[Cue], limits: ReadingLimits) -> Iterator[Finding]:
    """Lines fit the screen."""
    for line in cues[index].lines:
        if display_length(line) > limits.max_line_length:
            text = f"a line of {display_length(line)} characters, at most {limits.max_line_length}"
            yield _finding("line-length", "error", index, cues, text)


def line_count(index: int, cues: Sequence[Cue], limits: ReadingLimits) -> Iterator[Finding]:
    """No more lines than allowed."""
    count = len(cues[index].lines)
    if count > limits.max_lines:
        text = f"{count} lines, at most {limits.max_lines}"
        yield _finding("line-count", "error", index, cues, text)


def reading_speed(index: int, cues: Sequence[Cue], limits: ReadingLimits) -> Iterator[Finding]:
    """The text can be read in its time."""
    cue = cues[index]
    speed = len(cue.text.replace("\n", " ")) / max(cue.duration, TOLERANCE)
    if speed > limits.reading_speed + 0.5:
        text = f"{speed:.1f} characters a second, at most {limits.reading_speed:.0f}"
        yield _finding("reading-speed", "warning", index, cues, text)


def empty_text(index: int, cues: Sequence[Cue], limits: ReadingLimits) -> Iterator[Finding]:
    """A cue says something."""
    if not cues[index].text.strip():
        yield _finding("empty", "error", index, cues, "has no text")


RULES: tuple[Rule, ...] = (
    overlap,
    gap,
    duration,
    line_length,
    line_count,
    reading_speed,
    empty_text,
)


def _finding(
    rule: str, severity: Severity, index: int, cues: Sequence[Cue], message: str
) -> Finding:
    return Finding(
        rule=rule, severity=severity, cue=index + 1, time=cues[index].start, message=message
    )
