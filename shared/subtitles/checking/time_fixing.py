#!/usr/bin/env python3
"""
Time fixing: where cues end; where one begins is never changed.

A cue stays as long as reading it needs, where the next one at its place leaves room. It is cut
short for the next one, or for the longest time, only where it still stays as long as it needs or
had. What ends before it begins is for a person to mend.

Usage:
    from shared.subtitles.checking.time_fixing import mend_times

    mend_times(cues, limits, source, film_end=None, left=set())
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from shared.subtitles.base.cue import SourceCue
from shared.subtitles.base.finding import neighbours
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.reading.ass import TAB
from shared.subtitles.reading.result import ROUNDING, Reading


def mend_times(
    cues: Sequence[SourceCue],
    limits: ReadingLimits,
    read: Reading,
    film_end: float | None,
    left: AbstractSet[int],
) -> list[SourceCue]:
    """Return cues that end where they should.

    Args:
        cues: In order of time.
        limits: What they should keep to.
        read: The file that they are of: its unit and tolerance.
        film_end: Nothing is made to stay after it; seconds, None when not known.
        left: Places of cues that stay as they are.
    """
    mended = []
    starts = _starts_at_spots(cues)
    for place, (cue, (_, after)) in enumerate(zip(cues, neighbours(cues), strict=True)):
        follows = math.inf if after is None else cues[after].start
        is_inverted = cue.end < cue.start - read.tolerance
        end = cue.end
        if not (place in left or cue.is_open or is_inverted):
            end = _Ends(cue, limits, read).mended(follows, film_end)
            # Nothing grows into what stands at the same spot in another layer or style.
            at_spot = starts[_spot(cue)]
            nearest = bisect_left(at_spot, cue.end - read.tolerance)
            nearest = max(nearest, bisect_right(at_spot, cue.start))
            if end > cue.end and nearest < len(at_spot):
                latest = read.unit.down(at_spot[nearest] - limits.min_gap)
                end = max(cue.end, min(end, latest))
        mended.append(replace(cue, end=end if abs(end - cue.end) > ROUNDING else cue.end))
    return mended


def _spot(cue: SourceCue) -> str:
    """Return where a cue stands on the picture, whatever its layer and style."""
    return TAB.join(cue.place.split(TAB)[2:]) if TAB in cue.place else cue.place


def _starts_at_spots(cues: Sequence[SourceCue]) -> dict[str, list[float]]:
    """Return when cues begin, in order, by spot."""
    found: dict[str, list[float]] = defaultdict(list)
    for cue in cues:
        found[_spot(cue)].append(cue.start)
    return found


class _Ends:
    """Where one cue may end."""

    def __init__(self, cue: SourceCue, limits: ReadingLimits, read: Reading) -> None:
        self.cue, self.limits, self.read = cue, limits, read
        self.needed = max(limits.min_duration, limits.needed_seconds(cue.text))

    def mended(self, follows: float, film_end: float | None) -> float:
        """Return the end of the cue, in seconds.

        Args:
            follows: When the next one at its place begins.
            film_end: Length of the film, None when not known.
        """
        cue, limits, unit = self.cue, self.limits, self.read.unit
        end = cue.end
        if self._is_too_short():
            longer = unit.up(cue.start + self.needed)
            longer = longer if film_end is None else min(longer, unit.down(film_end))
            end = max(end, longer)
        if end - cue.start > limits.max_duration + self.read.tolerance:
            end = self._shortened(cue.start + limits.max_duration, end)
        latest = follows - limits.min_gap
        if end > latest + self.read.tolerance:
            end = self._shortened(latest, end)
        elif self._flickers(follows - end) and latest - cue.start <= limits.max_duration:
            is_shown = film_end is None or latest <= film_end
            end = max(end, unit.down(latest)) if is_shown else end
        return end

    def _is_too_short(self) -> bool:
        """Return whether a cue could not be read in its time, as the linter sees it."""
        slack = self.limits.frame + self.read.tolerance
        is_brief = self.cue.duration < self.limits.min_duration - self.read.tolerance
        return is_brief or self.limits.needed_seconds(self.cue.text) > self.cue.duration + slack

    def _shortened(self, latest: float, end: float) -> float:
        """Return an earlier end where the cue can bear it, else its own or what is between."""
        earlier = self.read.unit.down(latest)
        least = min(self.needed, self.cue.duration) - self.read.tolerance
        if earlier - self.cue.start >= least:
            return earlier
        return self.cue.end if self.cue.end <= end else end

    def _flickers(self, gap: float) -> bool:
        """Return whether the gap behind the cue is one to be closed, as the linter sees it."""
        limits, tolerance = self.limits, self.read.tolerance
        shortest = limits.min_gap + limits.frame - tolerance
        return bool(limits.closed_gap) and shortest <= gap < limits.closed_gap - tolerance
