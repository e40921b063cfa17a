#!/usr/bin/env python3
"""
Cue: one subtitle as it will be shown, and the limits it is held to.

Numbers: Netflix timed text style guides (general, English, Hindi).

Usage:
    from shared.subtitles.cue import Cue, ReadingLimits, limits_for

    limits = limits_for("hi", max_line_length=42, frame_rate="24")
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from shared.core.languages import primary

# Characters per second for adults; languages not named here have the general limit.
READING_SPEED = {"en": 20.0, "hi": 22.0, "ta": 22.0, "te": 22.0, "bn": 22.0, "kn": 22.0}
READING_SPEED |= {"ml": 22.0, "mr": 22.0}
GENERAL_READING_SPEED = 17.0
GAP_FRAMES = 2
DEFAULT_FRAME_RATE = "24"


@dataclass(frozen=True)
class Cue:
    """One subtitle: seconds, and its lines separated by line feeds."""

    start: float
    end: float
    text: str
    is_lyrics: bool = False

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    @property
    def lines(self) -> list[str]:
        """The lines as shown."""
        return self.text.split("\n")


@dataclass(frozen=True)
class ReadingLimits:
    """What a cue must keep to; lengths in characters, times in seconds."""

    max_line_length: int
    max_lines: int
    reading_speed: float
    min_duration: float
    max_duration: float
    min_gap: float


def limits_for(
    language: str,
    max_line_length: int,
    max_lines: int,
    min_duration: float,
    max_duration: float,
    frame_rate: str | None,
) -> ReadingLimits:
    """Return the limits of one subtitle file.

    Args:
        language: BCP-47.
        max_line_length: Characters a line.
        max_lines: Lines a cue.
        min_duration: Shortest cue in seconds.
        max_duration: Longest cue in seconds.
        frame_rate: Frames per second as a fraction, None without a picture.
    """
    speed = READING_SPEED.get(primary(language), GENERAL_READING_SPEED)
    gap = float(GAP_FRAMES / Fraction(frame_rate or DEFAULT_FRAME_RATE))
    return ReadingLimits(max_line_length, max_lines, speed, min_duration, max_duration, gap)
