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

Kind = Literal[
    "script",
    "broken",
    "untranslated",
    "nobody speaks",
    "no text",
    "term",
    "answer",
    "again",
    "kept apart",
    "not sure",
    "word",
    "too fast",
    "refused",
    "repaired",
    "rule",
    "put right",
    "beside",
]
# How likely a cue of each kind is wrong, and how bad that is: the least and the most of its kind.
# Set by hand; tools/measure/doubts.py tells how far the order is from the truth.
WEIGHTS: dict[Kind, tuple[float, float]] = {
    "script": (6.0, 7.0),
    "broken": (5.0, 6.0),
    "untranslated": (5.0, 6.0),
    "nobody speaks": (4.5, 6.0),
    "no text": (3.5, 6.0),
    "term": (4.0, 5.0),
    "answer": (4.0, 5.0),
    "again": (3.0, 5.0),
    "kept apart": (2.5, 4.5),
    "not sure": (0.5, 4.5),
    "word": (0.5, 5.0),
    "too fast": (1.5, 4.5),
    "refused": (1.0, 2.0),
    "repaired": (1.0, 2.0),
    "rule": (1.0, 1.5),
    "put right": (0.5, 1.5),
    "beside": (0.3, 0.6),
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
        text: What stands there; empty where speech has no text.
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
        """How bad it is; of several reasons of a kind the worst counts."""
        worst: dict[Kind, float] = {}
        for one in self.reasons:
            worst[one.kind] = max(one.weight, worst.get(one.kind, 0.0))
        return sum(worst.values())

    def as_data(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return asdict(self) | {"weight": round(self.weight, 3)}


def told(kind: Kind, words: str, worse: float = 0.0) -> Told:
    """Return a reason.

    Args:
        kind: A key of WEIGHTS.
        words: For a person.
        worse: How bad of its kind, 0 to 1.
    """
    least, most = WEIGHTS[kind]
    return Told(kind, words, round(least + (most - least) * min(1.0, max(0.0, worse)), 3))
