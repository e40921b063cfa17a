#!/usr/bin/env python3
"""
Doubt: one place to look at, with every reason that speaks against it.

Usage:
    from shared.pipeline.jobs.doubts.doubt import Found, told

    Found(61.2, 63.0, "en", "Hello?", told("not sure", "not sure", 0.3), "09_export_…")
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["script", "untranslated", "term", "kept apart", "too fast", "not sure"]
# How bad each kind is; what is worst of its kind is one worse.
WEIGHTS: dict[Kind, float] = {
    "script": 6.0,
    "untranslated": 5.0,
    "term": 4.0,
    "kept apart": 3.0,
    "too fast": 2.0,
    "not sure": 1.0,
}


@dataclass(frozen=True)
class Told:
    """One reason: of which kind, in words, and how bad it is among all."""

    kind: Kind
    words: str
    weight: float


@dataclass(frozen=True)
class Found:
    """One reason and where it was found, before those of one cue are put together.

    `start`, `end`: seconds of the job. `track`: language, with '.sdh' for deaf viewers. `file`:
    where to mend it, a name in the job directory; `line`: of it, where it has cues.
    """

    start: float
    end: float
    track: str
    text: str
    told: Told
    file: str
    line: int | None = None


@dataclass(frozen=True)
class Doubt:
    """Something to look at.

    Attributes:
        start: Seconds from the job's start: the film's, or the clip's.
        end: Of the same.
        track: Language of the text, with '.sdh' for the track of deaf viewers.
        text: What stands there.
        reasons: Why, the worst first.
        file: Where to mend it, a name in the job directory.
        line: The line of it with the cue's times; None in files without cues.
    """

    start: float
    end: float
    track: str
    text: str
    reasons: tuple[Told, ...]
    file: str
    line: int | None = None

    @property
    def weight(self) -> float:
        """How bad it is."""
        return sum(one.weight for one in self.reasons)

    def as_data(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return asdict(self) | {"weight": round(self.weight, 3)}


def told(kind: Kind, words: str, worse: float = 0.0) -> Told:
    """Return a reason.

    Args:
        kind: What sort of doubt it is; decides how much it weighs.
        words: For a person.
        worse: How bad of its kind, 0 to 1.
    """
    return Told(kind, words, round(WEIGHTS[kind] + min(1.0, max(0.0, worse)), 3))
