#!/usr/bin/env python3
"""
Shot rules: cues that begin or end near a cut, where the cuts are known.

Speech decides where a cue may begin, so these ask and never refuse.

Usage:
    from shared.subtitles.checking.rules.shots import RULES
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from shared.subtitles.base.finding import Finding, Place, Rule


def shot_in(place: Place) -> Iterator[Finding]:
    """An in-time lies on a cut or clear of it; see Rule."""
    limits = place.limits
    distance = _nearest(place.cuts, place.cue.start)
    if distance is None or abs(distance) < limits.frame / 2 + place.tolerance:
        return
    if abs(distance) < limits.shot_clear - limits.frame / 2:
        early = distance > limits.shot_near + limits.frame / 2
        advice = f"come {limits.shot_clear:.3f} s before it" if early else "move onto it"
        text = f"starts {abs(distance):.3f} s {'before' if distance > 0 else 'after'} a cut"
        yield place.finding("shot-in", "warning", f"{text}: {advice}")


def shot_out(place: Place) -> Iterator[Finding]:
    """An out-time lies two frames before a cut or clear of it; see Rule."""
    limits = place.limits
    distance = _nearest(place.cuts, place.cue.end)
    if distance is None:
        return
    wanted = 2 * limits.frame
    if abs(distance - wanted) < limits.frame / 2 + place.tolerance:
        return
    if abs(distance) < limits.shot_clear - limits.frame / 2:
        text = f"ends {abs(distance):.3f} s {'before' if distance > 0 else 'after'} a cut"
        yield place.finding("shot-out", "warning", f"{text}: end {wanted:.3f} s before it")


RULES: tuple[Rule, ...] = (shot_in, shot_out)


def _nearest(cuts: Sequence[float], time: float) -> float | None:
    """Return how far the nearest cut lies behind a time, in seconds; negative = in front of it."""
    index = bisect_left(cuts, time)
    distances = [cut - time for cut in cuts[max(0, index - 1) : index + 1]]
    return min(distances, key=abs, default=None)
