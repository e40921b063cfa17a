#!/usr/bin/env python3
"""
Finding: one thing that a rule says about one cue, and what a rule is given to judge it by.

Usage:
    from shared.subtitles.base.finding import Finding, Place

    def shouting(place: Place) -> Iterator[Finding]:
        if place.cue.text.isupper():
            yield place.finding("shouting", "warning", "all in capitals")
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from shared.core.record import SCHEMA_VERSION, Record
from shared.subtitles.base.cue import Cue, SourceCue
from shared.subtitles.base.profiles import ReadingLimits

# Files hold whole milliseconds; anything below is rounding.
TOLERANCE = 0.0011

Severity = Literal["error", "warning"]


class Finding(Record):
    """One thing wrong with one cue."""

    rule: str
    severity: Severity
    cue: int = Field(ge=0, description="number of the cue, 1 = the first, 0 = before it")
    time: float = Field(description="start of the cue in seconds")
    message: str
    line: int | None = Field(default=None, description="line of the file that was read")


class LintReport(Record):
    """`lint.json` of stage subtitle_generation: findings by file name."""

    schema_version: Literal[1] = SCHEMA_VERSION
    files: dict[str, list[Finding]]


@dataclass(frozen=True)
class Place:
    """One cue among its neighbours.

    Attributes:
        index: Which of the cues, 0 = the first.
        cues: All of them, in the order of the file.
        limits: What they should keep to.
        cuts: Times of shot changes in seconds, in order; empty when not known.
        film_end: Length of the film in seconds, None when not known.
        tolerance: What rounding to the file's own times may cost, in seconds.
        near: Of neighbours(): which cues stand in front of it and behind it at its place.
    """

    index: int
    cues: Sequence[Cue]
    limits: ReadingLimits
    cuts: Sequence[float] = ()
    film_end: float | None = None
    tolerance: float = TOLERANCE
    near: tuple[int | None, int | None] | None = None

    @property
    def cue(self) -> Cue:
        """The cue that is judged."""
        return self.cues[self.index]

    @property
    def previous(self) -> Cue | None:
        """The cue in front of it in the file, wherever it stands on the picture."""
        return self.cues[self.index - 1] if self.index else None

    @property
    def before(self) -> Cue | None:
        """The cue that is shown before it at the same place of the picture."""
        return self._at(0)

    @property
    def after(self) -> Cue | None:
        """The cue that is shown after it at the same place of the picture."""
        return self._at(1)

    def _at(self, side: int) -> Cue | None:
        near = self.near if self.near is not None else neighbours(self.cues)[self.index]
        found = near[side]
        return None if found is None else self.cues[found]

    @property
    def room(self) -> float:
        """How long the cue could stay, in seconds, with nothing wrong on either side of its end."""
        latest = self.cue.start + self.limits.max_duration
        if self.after is not None:
            closed = self.after.start - self.limits.min_gap
            apart = self.after.start - max(self.limits.closed_gap, self.limits.min_gap)
            latest = closed if closed <= latest else min(latest, apart)
        if self.film_end is not None:
            latest = min(latest, max(self.film_end, self.cue.end))
        return latest - self.cue.start

    def finding(self, rule: str, severity: Severity, message: str) -> Finding:
        """Return what a rule says about this cue.

        Args:
            rule: Its id.
            severity: error = a broadcaster refuses the file, warning = it asks.
            message: What is wrong, with the figure and the limit.
        """
        line = self.cue.line if isinstance(self.cue, SourceCue) else None
        message += "".join(f" ({one.why})" for one in self.cue.reasons if one.rule == rule)
        return Finding(
            rule=rule,
            severity=severity,
            cue=self.index + 1,
            time=round(self.cue.start, 3),
            message=message,
            line=line,
        )


def neighbours(cues: Sequence[Cue]) -> list[tuple[int | None, int | None]]:
    """Return for each cue which one is shown before it and which after it at the same place.

    What is on screen together at different places of the picture does not get in one another's
    way, what has no text in nobody's; and players show cues in order of time, not of the file.

    Args:
        cues: In the order of the file.
    """
    before: list[int | None] = [None] * len(cues)
    after: list[int | None] = [None] * len(cues)
    last: dict[str, int] = {}
    shown = (index for index, cue in enumerate(cues) if cue.text.strip())
    for index in sorted(shown, key=lambda index: cues[index].start):
        found = last.get(place_of(cues[index]))
        if found is not None:
            before[index], after[found] = found, index
        last[place_of(cues[index])] = index
    return list(zip(before, after, strict=True))


def place_of(cue: Cue) -> str:
    """Return where on the picture a cue stands; '' = the usual place.

    Args:
        cue: One that was made stands at the usual place.
    """
    return cue.place if isinstance(cue, SourceCue) else ""


class Rule(Protocol):
    """A rule of the linter."""

    def __call__(self, place: Place) -> Iterator[Finding]:
        """Yield each fault of one cue, with its severity and what a person reads.

        Args:
            place: The cue to judge, with its neighbours, the limits that hold and what is known of
                the film.
        """
