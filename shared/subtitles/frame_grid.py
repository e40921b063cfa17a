#!/usr/bin/env python3
"""
Frame grid: the frame rate that a subtitle file was timed for, told by its own times.

Usage:
    from shared.subtitles.frame_grid import guess_frame_rate

    guess_frame_rate(cues)    # "25"
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from shared.subtitles.cue import Cue

# The rates of film and television, the most frequent first.
RATES = ("24", "25", "24000/1001", "30", "30000/1001")
# Fewer times than these lie on a grid by chance, and times in tenths are not timed to frames.
FEWEST_TIMES = 8
TENTH = 0.1


def guess_frame_rate(cues: Sequence[Cue], tolerance: float = 0.0006) -> str | None:
    """Return the frame rate on whose frames all times lie, None when there is no such rate.

    Args:
        cues: Of one file.
        tolerance: What rounding to the file's own times may cost, in seconds.
    """
    times = {time for cue in cues for time in (cue.start, cue.end)}
    if len(times) < FEWEST_TIMES or _on_grid(times, TENTH, tolerance):
        return None
    for rate in RATES:
        if _on_grid(times, float(1 / Fraction(rate)), tolerance):
            return rate
    return None


def _on_grid(times: Collection[float], step: float, tolerance: float) -> bool:
    return all(abs(time - round(time / step) * step) <= tolerance for time in times)
