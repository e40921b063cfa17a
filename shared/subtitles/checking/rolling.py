#!/usr/bin/env python3
"""
Rolling: captions that roll up, each cue repeating a line of the one in front (YouTube's own).

They break a dozen rules by what they are: told once, and left as they are.

Usage:
    from shared.subtitles.checking.rolling import rolling_runs

    rolling_runs(source.cues)    # {0: 5, 1: 0, 2: 0, 3: 0, 4: 0}: five cues, told at the first
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.finding import place_of

# Cues that roll follow one another at once (seconds).
AT_ONCE = 0.05
# Two people may say the same line one after the other; four times nobody does.
FEWEST_CUES = 4


def rolling_runs(cues: Sequence[Cue]) -> dict[int, int]:
    """Return the cues that roll: at the first of each run how many they are, 0 at the others.

    Args:
        cues: In the order of the file.
    """
    found: dict[int, int] = {}
    for first, last in _runs(cues):
        if last - first + 1 >= FEWEST_CUES:
            found |= {first: last - first + 1} | dict.fromkeys(range(first + 1, last + 1), 0)
    return found


def _runs(cues: Sequence[Cue]) -> Iterator[tuple[int, int]]:
    """Yield first and last cue of each stretch of cues that repeat a line of the one in front."""
    first = 0
    for index in range(1, len(cues) + 1):
        if index == len(cues) or not _rolls(cues[index - 1], cues[index]):
            yield first, index - 1
            first = index


def _rolls(before: Cue, cue: Cue) -> bool:
    if abs(cue.start - before.end) > AT_ONCE or place_of(cue) != place_of(before):
        return False
    above, lines = _lines(before), _lines(cue)
    return bool(above and lines) and lines[0] == above[-1]


def _lines(cue: Cue) -> list[str]:
    return [line.strip() for line in cue.lines if line.strip()]
