#!/usr/bin/env python3
"""
Alignment: how much sound each segment is aligned with, and their order afterwards.

Usage:
    from shared.transcript.recognition.alignment import windows

    windows(segments, context=0.5, duration=60.0)
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.transcript.records.schemas import Segment
from shared.transcript.records.spacing import clamp_segment


def windows(
    segments: Sequence[Segment], context: float, duration: float
) -> list[tuple[float, float]]:
    """Return from where to where each segment is aligned, seconds.

    A segment gets some sound on either side, of a short pause no more than its half, so that no
    two segments claim the same sound unless they already overlap.

    Args:
        segments: In order.
        context: The most that is added on either side, seconds.
        duration: Length of the sound, seconds.
    """
    found: list[tuple[float, float]] = []
    for index, segment in enumerate(segments):
        before = segments[index - 1].end if index else -segment.start
        after = segments[index + 1].start if index + 1 < len(segments) else 2 * duration
        start = segment.start - min(context, max(0.0, (segment.start - before) / 2))
        end = segment.end + min(context, max(0.0, (after - segment.end) / 2))
        start = max(0.0, start)
        found.append((start, max(start, segment.end, min(end, duration))))
    return found


def in_order(segments: Sequence[Segment]) -> list[Segment]:
    """Return the segments such that none starts before the one in front of it.

    Args:
        segments: Aligned one by one: where two overlap, the later one may have come out earlier.
    """
    ordered: list[Segment] = []
    for segment in segments:
        if ordered and segment.start < ordered[-1].start:
            start = ordered[-1].start
            segment = clamp_segment(segment, start, max(start, segment.end))
        ordered.append(segment)
    return ordered
