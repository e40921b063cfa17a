#!/usr/bin/env python3
"""
Result: what reading a subtitle file gives: its cues, what belongs to none, and what is malformed.

Usage:
    from shared.subtitles.reading.result import Fault, Reading, Step

    Reading(faults=[Fault(12, "not a line of times: 1:2 -> 3", "00:01:02,345 --> 00:01:04,567")])
    Step(0.01).up(1.003)    # 1.01
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.finding import TOLERANCE

ROUNDING = 0.0005  # seconds
# What has no end lasts as long as the film: longer than any of them (seconds).
NO_END = 86_400.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What no reader can make sense of; the rest of the file is read.

    Attributes:
        line: Where it stands, 1 = the first.
        cause: What is wrong.
        hint: What would be right.
        rule: What the linter calls it.
    """

    line: int
    cause: str
    hint: str
    rule: str = "malformed"


class Unit(Protocol):
    """The times that a file can write."""

    def up(self, seconds: float) -> float:
        """Return the first of them that is not before a time.

        Args:
            seconds: Since the film's start.
        """

    def down(self, seconds: float) -> float:
        """Return the last of them that is not after a time.

        Args:
            seconds: Since the film's start.
        """


@dataclass(frozen=True)
class Step:
    """Times that are whole multiples of a step.

    Attributes:
        seconds: Its length.
    """

    seconds: float = 1 / MILLISECONDS

    def up(self, seconds: float) -> float:
        """Return the first multiple that is not before a time.

        Args:
            seconds: Since the film's start.
        """
        return math.ceil((seconds - ROUNDING) / self.seconds) * self.seconds

    def down(self, seconds: float) -> float:
        """Return the last multiple that is not after a time.

        Args:
            seconds: Since the film's start.
        """
        return math.floor((seconds + ROUNDING) / self.seconds) * self.seconds


@dataclass
class Reading:
    """What was read of a file.

    Attributes:
        cues: In the order of the file; of ASS, in order of time.
        stray: Lines of text that belong to no cue: (line number, text).
        faults: What is malformed, in order of lines.
        tolerance: What rounding to the file's own times may cost, in seconds.
        unit: The times that the file can write.
    """

    cues: list[SourceCue] = field(default_factory=list)
    stray: list[tuple[int, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    tolerance: float = TOLERANCE
    unit: Unit = field(default_factory=Step)
