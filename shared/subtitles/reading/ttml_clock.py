#!/usr/bin/env python3
"""
TTML clock: what a time of a document means in seconds, and how one is written.

Source: TTML 2, section 12.3 (time value expressions) and annex I (time expression semantics): in
media time a frame is a part of its second, in SMPTE time seconds are counted in frames.

Usage:
    from shared.subtitles.reading.ttml_clock import clock_of

    clock = clock_of({"frameRate": "24", "frameRateMultiplier": "1000 1001"})
    clock.seconds("00:00:01:12")    # Fraction(3001, 2000)
    clock.flaw("00:00:01:24")       # 'frame 24 where a second has 24'
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from shared.subtitles.base.clock import clock_time, whole_seconds
from shared.subtitles.reading.result import Step, Unit

# TTML's own default where a file counts in frames and does not say how many a second.
FRAME_RATE = 30
CLOCK = re.compile(
    r"(\d{2,6}):([0-5]\d):([0-5]\d|60)(?:\.(\d{1,30})|([:;])(\d{2,9})(?:\.\d{1,9})?)?"
)
# What some shops write instead: 3:58.640, 58.640.
SHORT = re.compile(r"(?:(?:(\d{1,6}):)?(\d{1,2}):)?(\d{1,2}\.\d{1,30}|(?<=:)\d{2})")
OFFSET = re.compile(r"(\d{1,18}(?:\.\d{1,30})?)(h|m|s|ms|f|t)")
RATE = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
UNITS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}
# Labels that drop frames leave out: so many each time, every so many minutes, not at the tenth.
DROPS = {"dropNTSC": (2, 1, 10), "dropPAL": (4, 2, 20)}
ROUNDING = 0.0005  # seconds


@dataclass
class Clock:
    """The clock of one document.

    Attributes:
        nominal: Frames a second by name: labels of frames are lower.
        rate: Frames a second as they pass.
        ticks: Ticks a second.
        is_smpte: Whether labels count frames.
        drop: Key of DROPS, '' = no label is left out.
        used: Kinds of times that were read: frames, f, t.
    """

    nominal: int
    rate: Fraction
    ticks: Fraction
    is_smpte: bool = False
    drop: str = ""
    used: set[str] = field(default_factory=set)

    def seconds(self, text: str) -> Fraction:
        """Return a time in seconds.

        Args:
            text: As an attribute has it.

        Raises:
            ValueError: It is none.
        """
        if (found := CLOCK.fullmatch(text.strip())) is not None:
            hours, minutes, seconds, fraction, _, frames = found.groups()
            whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            if frames is None:
                return whole + (Fraction(f"0.{fraction}") if fraction else Fraction(0))
            self.used.add("frames")
            if not self.is_smpte:
                return whole + int(frames) / self.rate
            counted = whole * self.nominal + int(frames) - self._dropped_before(whole // 60)
            return counted / self.rate
        if (offset := OFFSET.fullmatch(text.strip())) is not None:
            count, unit = Fraction(offset[1]), offset[2]
            if unit in UNITS:
                return count * UNITS[unit]
            self.used.add(unit)
            return count / (self.rate if unit == "f" else self.ticks)
        if (short := SHORT.fullmatch(text.strip())) is not None:
            hours, minutes, seconds = short.groups()
            return int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds)
        raise ValueError(text[:40])

    def flaw(self, text: str) -> str:
        """Return what frame a time names that cannot exist, '' where there is nothing wrong.

        Args:
            text: As an attribute has it.
        """
        found = CLOCK.fullmatch(text.strip())
        if found is None or found[6] is None:
            return ""
        frame, minutes = int(found[6]), int(found[1]) * 60 + int(found[2])
        if frame >= self.nominal:
            return f"frame {frame} where a second has {self.nominal}"
        if self.is_smpte and self.drop and int(found[3]) == 0:
            count, every, keeps = DROPS[self.drop]
            if frame < count and minutes % every == 0 and minutes % keeps:
                return f"frame {frame} of a minute that begins with frame {count}"
        return ""

    def written(self, seconds: float, like: str) -> str:
        """Return a time, written as another one of the document is.

        Args:
            seconds: From what it counts from.
            like: The other time.
        """
        offset, clock = OFFSET.fullmatch(like.strip()), CLOCK.fullmatch(like.strip())
        if offset and offset[2] in ("f", "t"):
            return f"{round(seconds * (self.rate if offset[2] == 'f' else self.ticks))}{offset[2]}"
        if offset:
            return f"{seconds:.3f}s"
        if clock is None or clock[6] is None:
            return clock_time(seconds)
        if self.is_smpte:
            whole, frame = divmod(self._label(round(seconds * self.rate)), self.nominal)
        else:
            whole = math.floor(seconds + ROUNDING)
            frame = max(0, round((seconds - whole) * self.rate))
            whole, frame = (whole + 1, 0) if frame >= self.nominal else (whole, frame)
        return f"{whole_seconds(whole)}{clock[5]}{frame:02d}"

    @property
    def unit(self) -> Unit:
        """The times that the document can write."""
        if "frames" in self.used and not self.is_smpte:
            return _MediaFrames(self.nominal, float(self.rate))
        if self.used & {"frames", "f"}:
            return Step(float(1 / self.rate))
        return Step(float(1 / self.ticks)) if "t" in self.used else Step()

    def _dropped_before(self, minutes: int) -> int:
        """Return how many labels are left out before a minute is over its first second."""
        if not self.drop:
            return 0
        count, every, keeps = DROPS[self.drop]
        return count * (minutes // every - minutes // keeps)

    def _label(self, frames: int) -> int:
        """Return the label of a frame as if all labels were there."""
        label = frames
        while (made := frames + self._dropped_before(label // self.nominal // 60)) != label:
            label = made
        return label


@dataclass(frozen=True)
class _MediaFrames:
    """Frames of media time: they begin anew each second."""

    nominal: int
    rate: float

    def up(self, seconds: float) -> float:
        """Return the first frame's time that is not before a time."""
        whole = math.floor(seconds + ROUNDING)
        frame = max(0, math.ceil((seconds - whole - ROUNDING) * self.rate))
        return whole + 1.0 if frame >= self.nominal else whole + frame / self.rate

    def down(self, seconds: float) -> float:
        """Return the last frame's time that is not after a time."""
        whole = math.floor(seconds + ROUNDING)
        frame = max(0, math.floor((seconds - whole + ROUNDING) * self.rate))
        return whole + min(frame, self.nominal - 1) / self.rate


def clock_of(root: Mapping[str, str]) -> Clock:
    """Return the clock that the root of a document tells.

    Args:
        root: Its attributes without namespaces.

    Raises:
        ValueError: A rate is none.
    """
    over, under = root.get("frameRateMultiplier", "1 1").replace(":", " ").split()
    named = _rate(root.get("frameRate", str(FRAME_RATE)))
    rate = named * _rate(over) / _rate(under)
    ticks = rate if "frameRate" in root else Fraction(1)
    ticks = _rate(root["tickRate"]) if "tickRate" in root else ticks
    drop = root.get("dropMode", "")
    return Clock(
        nominal=math.ceil(named),
        rate=rate,
        ticks=ticks,
        is_smpte=root.get("timeBase") == "smpte",
        drop=drop if drop in DROPS else "",
    )


def _rate(text: str) -> Fraction:
    """Return a rate above nothing; '1e9' would be one to Fraction, of as many digits."""
    rate = Fraction(text) if RATE.fullmatch(text.strip()) else Fraction(0)
    if not rate:
        raise ValueError(text[:40])
    return rate
