#!/usr/bin/env python3
"""
Windows: speech regions put together into what a recogniser hears at once, and times mapped back.

Whisper always computes 30 s, whatever it is given: windows filled with whole utterances are cheaper
than short ones, and text before and behind a sentence helps to hear it. A long pause is shortened,
for nothing is to be heard in it; what a word's time in the window is in the film, the window knows.

Usage:
    from shared.transcript.sound.windows import fill_windows

    for window in fill_windows(regions, length=29.0, longest_pause=2.0, margin=0.2, duration=60.0):
        window.film_time(12.3)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from shared.transcript.records.schemas import SpeechRegion, TimeSpan

# A window that is full is cut at the longest pause of this last share of it.
LAST_SHARE = 0.3


@dataclass(frozen=True)
class Window:
    """Stretches of the film, one behind the other, and the speech regions in them."""

    regions: tuple[SpeechRegion, ...]
    pieces: tuple[TimeSpan, ...]

    @property
    def offsets(self) -> list[float]:
        """Where each piece begins in the window, seconds."""
        offsets, position = [], 0.0
        for piece in self.pieces:
            offsets.append(position)
            position += piece.duration
        return offsets

    def film_time(self, time: float) -> float:
        """Return the film's time of a time in the window, seconds.

        Args:
            time: Seconds; outside the window: its nearest edge.
        """
        offsets = self.offsets
        index = max(0, bisect_right(offsets, time) - 1)
        piece = self.pieces[index]
        return min(piece.end, piece.start + max(0.0, time - offsets[index]))


def fill_windows(
    regions: Sequence[SpeechRegion],
    *,
    length: float,
    longest_pause: float,
    margin: float,
    duration: float,
    lower: float = 0.0,
) -> list[Window]:
    """Return windows filled with whole regions, in order; every region is in one.

    Args:
        regions: In order, not overlapping, of one language.
        length: No window is longer, seconds, unless one region alone is.
        longest_pause: So much is kept of a longer pause between two regions, seconds.
        margin: Sound heard before the first region and behind the last, seconds.
        duration: Nothing is heard behind this, seconds.
        lower: Nothing is heard before this, seconds.
    """
    windows: list[Window] = []
    waiting = list(regions)
    while waiting:
        count = _fitting(waiting, length - 2 * margin, longest_pause)
        group, waiting = waiting[:count], waiting[count:]
        before = windows[-1].regions[-1].end if windows else lower
        after = waiting[0].start if waiting else duration
        windows.append(_window(group, longest_pause, margin, before, after))
    return windows


def _fitting(regions: Sequence[SpeechRegion], length: float, longest_pause: float) -> int:
    """Return how many of the regions the next window holds, at least one."""
    filled: list[float] = []
    for index, region in enumerate(regions):
        pause = min(longest_pause, region.start - regions[index - 1].end) if index else 0.0
        position = (filled[-1] if filled else 0.0) + pause + region.duration
        if filled and position > length:
            break
        filled.append(position)
    if len(filled) == len(regions):
        return len(filled)
    late = [
        count
        for count in range(1, len(filled) + 1)
        if filled[count - 1] >= (1 - LAST_SHARE) * filled[-1]
    ]
    return max(late, key=lambda count: (regions[count].start - regions[count - 1].end, count))


def _window(
    regions: Sequence[SpeechRegion],
    longest_pause: float,
    margin: float,
    before: float,
    after: float,
) -> Window:
    """Return the regions as a window; it hears nothing of what is before or after."""
    start = min(regions[0].start, max(before, regions[0].start - margin))
    pieces: list[TimeSpan] = []
    for one, following in zip(regions, regions[1:], strict=False):
        if following.start - one.end > longest_pause:
            pieces.append(TimeSpan(start=start, end=one.end + longest_pause / 2))
            start = following.start - longest_pause / 2
    end = max(regions[-1].end, min(after, regions[-1].end + margin))
    pieces.append(TimeSpan(start=start, end=end))
    return Window(regions=tuple(regions), pieces=tuple(pieces))
