#!/usr/bin/env python3
"""
Merging: two languages in one cue, each on lines of its own.

Usage:
    from shared.subtitles.files.merging import merged

    merged(english.cues, hindi.cues)[0].text    # 'Where are you?\\nतुम कहाँ हो?'
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from shared.subtitles.base.cue import SourceCue

# A cue is the other language's of the one that it shares this much of its time with.
SHARED = 0.5


def merged(first: Sequence[SourceCue], second: Sequence[SourceCue]) -> list[SourceCue]:
    """Return the cues of the first with the text of the second below; what finds none stands alone.

    Args:
        first: Its times are kept.
        second: Each of its cues goes below the one that it shares most of its time with.

    Returns:
        Cues in order of time: every word of both.
    """
    shown = sorted((cue for cue in first if cue.text.strip()), key=lambda cue: cue.start)
    starts = [cue.start for cue in shown]
    longest = max((cue.duration for cue in shown), default=0.0)
    below: dict[int, list[SourceCue]] = {}
    alone: list[SourceCue] = []
    for cue in sorted(second, key=lambda one: one.start):
        if not cue.text.strip():
            continue
        low, high = bisect_left(starts, cue.start - longest), bisect_left(starts, cue.end)
        best = max(range(low, high), key=lambda index: _shared(shown[index], cue), default=None)
        if best is not None and _shared(shown[best], cue) >= SHARED * cue.duration:
            below.setdefault(best, []).append(cue)
        else:
            alone.append(_with(cue, []))
    both = [_with(cue, below.get(index, [])) for index, cue in enumerate(shown)]
    return sorted([*both, *alone], key=lambda cue: cue.start)


def _shared(one: SourceCue, other: SourceCue) -> float:
    return min(one.end, other.end) - max(one.start, other.start)


def _with(cue: SourceCue, below: Sequence[SourceCue]) -> SourceCue:
    """Return a cue with the texts of others below, each of which stays as long as it did."""
    lines = [*cue.lines, *(one.text.replace("\n", " ") for one in below)]
    text = "\n".join(line for line in lines if line.strip())  # an empty one ends a cue
    return replace(cue, text=text, raw=text, end=max([cue.end, *(one.end for one in below)]))
