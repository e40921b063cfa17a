#!/usr/bin/env python3
"""
Frame grid: times on frames, and the frame rate that a subtitle file's own times tell.

Usage:
    from shared.subtitles.base.frame_grid import Grid, guess_frame_rate

    Grid(limits.frame).up(1.01)    # 1.042 at 24 frames a second
    guess_frame_rate(cues)         # "25"
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.subtitles.base.cue import Cue

# The rates of film and television; a coarser grid before the finer one that holds its frames.
RATES = (
    *("24", "25", "24000/1001", "30", "30000/1001"),
    *("48", "48000/1001", "50", "60", "60000/1001"),
)
# Fewer times lie on a grid by chance; times in tenths, as people type them, tell nothing.
FEWEST_TIMES = 3
TENTH = 0.1
# In-times are enough of so many cues; out-times are what whoever mends a file moves.
MANY_CUES = 8
# A few times may lie beside the frames: somebody moved them.
LEAST_SHARE = 0.8
MILLISECOND = 0.001
# Times are rounded to milliseconds: so much of a frame is rounding.
ROUNDING = 0.02


@dataclass(frozen=True)
class Grid:
    """The frames of a film, or the milliseconds of what has no picture.

    Attributes:
        step: Length of a frame in seconds.
    """

    step: float = MILLISECOND

    def nearest(self, seconds: float) -> float:
        """Return the time of the frame that begins nearest to a time, in whole milliseconds.

        Args:
            seconds: From the beginning of the film.
        """
        return self._time(math.floor(seconds / self.step + 0.5))

    def up(self, seconds: float) -> float:
        """Return the time of the first frame that does not begin before a time.

        Args:
            seconds: From the beginning of the film.
        """
        return self._time(math.ceil(seconds / self.step - ROUNDING))

    def down(self, seconds: float) -> float:
        """Return the time of the last frame that does not begin after a time.

        Args:
            seconds: From the beginning of the film.
        """
        return self._time(math.floor(seconds / self.step + ROUNDING))

    def _time(self, frame: int) -> float:
        return round(frame * self.step, 3)


def guess_frame_rate(cues: Sequence[Cue], tolerance: float = 0.0006) -> str | None:
    """Return the frame rate on whose frames the times lie, None when there is no such rate.

    Args:
        cues: Of one file.
        tolerance: What rounding to the file's own times may cost, in seconds.
    """
    shown = [cue for cue in cues if cue.text.strip()]
    times = {cue.start for cue in shown}
    if len(shown) < MANY_CUES:
        times |= {cue.end for cue in shown}
    telling = {time for time in times if not _is_on_frame(time, TENTH, tolerance)}
    if len(telling) < FEWEST_TIMES:
        return None
    shares = {rate: _share_on_grid(telling, float(1 / Fraction(rate)), tolerance) for rate in RATES}
    best = max(RATES, key=lambda rate: shares[rate])
    return best if shares[best] >= LEAST_SHARE else None


def _share_on_grid(times: Collection[float], step: float, tolerance: float) -> float:
    return sum(_is_on_frame(time, step, tolerance) for time in times) / len(times)


def _is_on_frame(time: float, step: float, tolerance: float) -> bool:
    return abs(time - round(time / step) * step) <= tolerance
