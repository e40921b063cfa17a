#!/usr/bin/env python3
"""
Pauses: the stretches in which nobody speaks, and times kept off them.

Usage:
    from shared.transcript.sound.pauses import off_pauses, pauses_between

    pauses = pauses_between(regions, 7.8, 15.7, 0.5)
    low, high = off_pauses(8.0, 9.0, pauses)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from shared.transcript.records.schemas import SpeechRegion, TimeSpan


def pauses_between(
    regions: Sequence[SpeechRegion], start: float, end: float, max_pause: float
) -> list[TimeSpan]:
    """Return the stretches without speech, at least in part between start and end, to keep free.

    Args:
        regions: Where somebody speaks, in order; empty: nothing is known about pauses.
        start: Seconds.
        end: Seconds.
        max_pause: Only longer stretches count, seconds.
    """
    if not regions:
        return []
    # Only what lies about start and end is looked at: a film has thousands of regions.
    first = bisect_right(regions, start, key=lambda one: one.start)
    last = bisect_left(regions, end, key=lambda one: one.end)
    edges = [regions[first - 1].end if first else 0.0]
    edges += [edge for one in regions[first:last] for edge in (one.start, one.end)]
    is_end = last >= len(regions)
    edges.append(max(end, regions[-1].end) + 2 * max_pause if is_end else regions[last].start)
    return [
        TimeSpan(start=low, end=high)
        for low, high in zip(edges[::2], edges[1::2], strict=True)
        if high - low > max_pause and low < end and high > start
    ]


def off_pauses(low: float, high: float, pauses: Sequence[TimeSpan]) -> tuple[float, float]:
    """Cut low to high down to the part beside a pause in which the most of it lies.

    A word wholly inside a pause goes to the nearer edge. At a tie the later part is kept: engines
    let a word begin too early, hardly ever end too late.

    Args:
        low: Start of the word, seconds.
        high: Its end, seconds.
        pauses: In order.

    Returns:
        Start and end of that part, seconds.
    """
    for pause in pauses:
        if high <= pause.start or low >= pause.end:
            continue
        before, after = pause.start - low, high - pause.end
        if before <= 0 and after <= 0:
            nearer_start = low - pause.start < pause.end - high
            low = high = pause.start if nearer_start else pause.end
        elif after >= before:
            low = pause.end
        else:
            high = pause.start
    return low, high
