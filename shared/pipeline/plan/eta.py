#!/usr/bin/env python3
"""
ETA: how long a run will still take, from first guesses corrected by what stages really took.

Usage:
    from shared.pipeline.plan.eta import RemainingTime

    remaining = RemainingTime({"demux": 31.0, "asr": 1500.0})
    remaining.start("demux")
    remaining.seconds()
"""

from __future__ import annotations

import time
from collections.abc import Mapping

# Below this share a stage's own speed says less than the first guess.
TRUSTED_SHARE = 0.05
# What the first guess counts for against what the ended stages took: a share of the whole.
GUESS_WEIGHT = 0.25


class RemainingTime:
    """Remaining seconds of a run.

    Args:
        expected: The stages that will run, in order, and the seconds each is expected to take.
    """

    def __init__(self, expected: Mapping[str, float]) -> None:
        self._expected = dict(expected)
        self._stage: str | None = None
        self._started = 0.0
        self._share = 0.0
        self._spent = self._guessed = GUESS_WEIGHT * sum(expected.values())

    def start(self, stage: str) -> None:
        """Begin a stage; stages left out since the plan are forgotten.

        Args:
            stage: A stage of the plan.
        """
        while self._expected and next(iter(self._expected)) != stage and stage in self._expected:
            self._expected.pop(next(iter(self._expected)))
        self._stage, self._started, self._share = stage, time.monotonic(), 0.0

    def progress(self, share: float) -> None:
        """Note how far the stage is, 0 to 1; a stage may do more than it foresaw.

        Args:
            share: Of the running stage's work.
        """
        self._share = min(1.0, share)

    def end(self, seconds: float | None) -> None:
        """End the stage: its real time corrects the guesses of the ones to come.

        Args:
            seconds: What it took; None when it had nothing to do, which tells of no speed.
        """
        guess = self._expected.pop(self._stage, 0.0) if self._stage is not None else 0.0
        if guess and seconds is not None:
            self._guessed += guess
            self._spent += seconds
        self._stage = None

    def seconds(self) -> float:
        """Return the remaining seconds as well as they are known now."""
        speed = self._spent / self._guessed if self._guessed else 1.0
        later = sum(v for stage, v in self._expected.items() if stage != self._stage) * speed
        if self._stage is None:
            return later
        elapsed = time.monotonic() - self._started
        guess = max(0.0, self._expected.get(self._stage, 0.0) * speed - elapsed)
        if self._share < TRUSTED_SHARE:
            return guess + later
        return elapsed * (1.0 - self._share) / self._share + later


def clock(seconds: float) -> str:
    """Return a duration for people: '0:07', '12:30', '2:05:00'.

    Args:
        seconds: Any non-negative number.
    """
    whole = int(round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
