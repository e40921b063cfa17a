#!/usr/bin/env python3
"""
In order: which of many spans touch another, found without a look at all of them.

A film has thousands of segments, regions and turns: each against each is minutes.

Usage:
    from shared.transcript.sound.in_order import InOrder

    texts = InOrder(segments)
    texts.touching(region)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

from shared.transcript.records.schemas import TimeSpan

Span = TypeVar("Span", bound=TimeSpan)


class InOrder(Generic[Span]):
    """Spans in order of their starts; they may overlap.

    Args:
        spans: In that order.
    """

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans
        self._starts = [one.start for one in spans]
        # Where the spans so far reach to: a long one may end after many that follow it.
        self._reach = list(accumulate((one.end for one in spans), max))

    def touching(self, other: TimeSpan, near: float = 0.0) -> list[Span]:
        """Return the spans that share a moment with another, or lie as near as that.

        Args:
            other: Any span.
            near: Seconds.
        """
        first = bisect_left(self._reach, other.start - near)
        last = bisect_right(self._starts, other.end + near)
        return [one for one in self.spans[first:last] if one.end >= other.start - near]
