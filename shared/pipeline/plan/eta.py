#!/usr/bin/env python3
"""
ETA: how long a run will still take, as a range that is as wide as little is known.

First guesses are corrected by what the ended stages took and by the pace of the stage at work, from
the first that it tells. That pace is judged twice, over all the stage and over the latest of it, so
that a machine that gets faster or slower, and work that stands still, make the range wider.

Usage:
    from shared.pipeline.plan.eta import RemainingTime

    remaining = RemainingTime({"demux": 31.0, "asr": 1500.0})
    remaining.start("demux")
    remaining.describe()    # "0:51 to 5:06"
"""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import NamedTuple

# How far the truth may lie from a first guess: shorter by one factor, longer by the other (another
# machine, or the same one at other work). Both shrink with the share of the run that was seen.
SHORTER, LONGER = 2.5, 4.0
# What is left of that when the machine's pace is known: a stage's guess may be wrong by itself.
OTHER_WORK = 2.0
# How far the rest of a stage may lie from its own pace, at its end and in all the rest of it.
JITTER, LOOSE = 1.1, 0.6
# Of the guessed work, the share after which the machine's pace is known.
KNOWN_SHARE = 0.25
# What the first guess counts for against what was seen, a share of the whole.
GUESS_WEIGHT = 0.25
# The latest of a stage: so much of the time that it has worked.
LATEST = 0.1
# Below this share, and at its first word, which holds its start, a stage's first guess counts, too:
# the less of it is done, the more (a thousandth done in a slow second is no pace of a film).
TRUSTED_SHARE = 0.05
# Of the guessed work, the share below which its pace counts the less, the less of it is done.
TRUSTED_RUN = 0.0005
# A range narrower than this is said as one time.
NARROW = 1.6


class Range(NamedTuple):
    """Seconds that something takes: the least, the likeliest, the most."""

    low: float
    likely: float
    high: float

    def __add__(self, other: Range) -> Range:  # type: ignore[override]
        return Range(*(one + two for one, two in zip(self, other, strict=True)))


class RemainingTime:
    """Remaining seconds of a run.

    Args:
        expected: The stages that will run, in order, and the seconds each is expected to take.
        now: A clock in seconds.
    """

    def __init__(
        self, expected: Mapping[str, float], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._expected = {stage: round(seconds, 3) for stage, seconds in expected.items()}
        self._whole = sum(self._expected.values())
        self._now = now
        self._stage: str | None = None
        self._started = 0.0
        # When the stage told how far it was, and how far: both only grow.
        self._times: list[float] = []
        self._shares: list[float] = []
        self._spent = self._guessed = 0.0

    def start(self, stage: str) -> None:
        """Begin a stage; stages left out since the plan are forgotten.

        Args:
            stage: A stage of the plan.
        """
        while self._expected and next(iter(self._expected)) != stage and stage in self._expected:
            self._expected.pop(next(iter(self._expected)))
        self._stage, self._started = stage, self._now()
        self._times, self._shares = [], []

    def progress(self, share: float) -> None:
        """Note how far the stage is, 0 to 1; a stage may do more than it foresaw.

        Args:
            share: Of the running stage's work.
        """
        share = round(min(1.0, max(0.0, share)), 6)
        if self._stage is not None and (not self._shares or share > self._shares[-1]):
            self._times.append(self._now())
            self._shares.append(share)

    def end(self, seconds: float | None) -> None:
        """End the stage: its real time corrects the guesses of the ones to come.

        Args:
            seconds: What it took; None when it had nothing to do, which tells of no speed.
        """
        guess = self._expected.pop(self._stage, 0.0) if self._stage is not None else 0.0
        if guess and seconds is not None:
            began, first = self._origin
            self._guessed += guess * (1.0 - first)
            self._spent += max(0.0, seconds - (began - self._started))
        self._stage = None

    def seconds(self) -> float:
        """Return the likeliest remaining seconds."""
        return self.range().likely

    def range(self) -> Range:
        """Return the remaining seconds as well as they are known now."""
        guessed, spent = self._guessed, self._spent
        if self._stage is not None and self._shares:
            worked = self._shares[-1] - self._origin[1]
            guessed += self._expected.get(self._stage, 0.0) * worked
            spent += self._now() - self._origin[0] if worked else 0.0
        later = sum(v for stage, v in self._expected.items() if stage != self._stage)
        rest = self._guess(later, guessed, spent)
        return rest if self._stage is None else self._of_stage() + rest

    def describe(self) -> str:
        """Return the remaining time for people: "about 1:30", or a range while little is known."""
        low, likely, high = self.range()
        if clock(low) == clock(high) or high <= NARROW * low:
            return f"about {clock(likely)}"
        return f"{clock(low)} to {clock(high)}"

    @property
    def _origin(self) -> tuple[float, float]:
        """When the stage's work began and how far it was: what loads first is not its pace."""
        return (self._started, 0.0) if len(self._times) < 2 else (self._times[0], self._shares[0])

    @property
    def _elapsed(self) -> float:
        return self._now() - self._started

    def _guess(self, seconds: float, guessed: float, spent: float) -> Range:
        """Return how long guessed work takes, after so much of it took so long."""
        seen = min(1.0, guessed / (KNOWN_SHARE * self._whole)) if self._whole else 1.0
        weight = GUESS_WEIGHT * self._whole * (1.0 - seen)
        speed = (weight + spent) / (weight + guessed) if weight + guessed else 1.0
        low, high = (OTHER_WORK + (most - OTHER_WORK) * (1.0 - seen) for most in (SHORTER, LONGER))
        # What is left may be as slow as what was seen or as it was guessed; when half is seen, the
        # guess counts ever less.
        trust = min(1.0, guessed / (TRUSTED_RUN * self._whole)) if self._whole else 1.0
        seen_speed = speed * (spent / guessed / speed) ** trust if guessed and spent else speed
        known = max(0.0, min(1.0, 2.0 * guessed / self._whole - 1.0)) if self._whole else 1.0
        as_guessed = seen_speed**known
        slow, *_, fast = sorted((speed, seen_speed, as_guessed))
        return Range(seconds * slow / low, seconds * speed, seconds * fast * high)

    def _of_stage(self) -> Range:
        """Return the remaining time of the stage at work."""
        assert self._stage is not None
        elapsed, share = self._elapsed, self._shares[-1] if self._shares else 0.0
        first = self._guess(self._expected.get(self._stage, 0.0), self._guessed, self._spent)
        # What outlasts its guess without a word may take as long again.
        guess = Range(
            max(0.0, first.low - elapsed),
            max(0.0, first.likely - elapsed),
            max(first.high - elapsed, elapsed),
        )
        if share <= 0.0:
            return guess
        loose = JITTER + LOOSE * (1.0 - share)
        told, silence = self._paces(self._times[-1]), self._now() - self._times[-1]
        now = self._paces(self._now())
        pace = Range(max(0.0, min(told) - silence) / loose, now[0], max(now) * loose)
        if share < TRUSTED_SHARE or len(self._times) < 2:
            trust = min(1.0, share / TRUSTED_SHARE)
            _, likely, high = (_between(*both, trust) for both in zip(guess, pace, strict=True))
            return Range(min(pace.low, guess.low), likely, max(likely, high, guess.high))
        return pace

    def _paces(self, until: float) -> tuple[float, float]:
        """Return the stage's remaining seconds at its pace up to a time, and at the latest pace."""
        share, told = self._shares[-1], self._times[-1]
        began, first = self._origin
        before = bisect_right(self._times, told - LATEST * (told - began)) - 1
        gained = share - self._shares[before]
        whole = (until - began) / (share - first)
        latest = (until - self._times[before]) / gained if before >= 0 and gained else whole
        return whole * (1.0 - share), latest * (1.0 - share)


def _between(first: float, second: float, trust: float) -> float:
    """Return seconds between two, by ratio: the first for trust 0, the second for 1."""
    return math.expm1((1.0 - trust) * math.log1p(first) + trust * math.log1p(second))


def clock(seconds: float) -> str:
    """Return a duration for people: '0:07', '12:30', '2:05:00'.

    Args:
        seconds: Any non-negative number.
    """
    whole = int(round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
