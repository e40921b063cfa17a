#!/usr/bin/env python3
"""
Confidence: how sure the text of a job is, as far as its own evidence says, in words and figures.

Usage:
    from shared.report.confidence import describe_confidence

    for line in describe_confidence(facts): ...
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.core.errors import counted
from shared.pipeline.plan.missing import describe_missing
from shared.report.facts import Facts

# A doubt this heavy is a cue that is likely wrong; WEIGHTS of doubts/doubt.py.
HEAVY = 2.5
# Up to which share of heavily doubted cues one reads those alone, and above which one reads all.
FEW, MANY = 0.05, 0.25


def describe_confidence(facts: Facts) -> Iterator[str]:
    """Yield how sure the text is, what to do first.

    Args:
        facts: What is known of the job.
    """
    cues = _cue_count(facts)
    if facts.transcript is None or not cues:
        return
    heavy = sum(one.weight >= HEAVY for one in facts.doubts)
    places = counted(heavy, "place")
    share = heavy / cues
    if not heavy:
        yield "Nothing speaks strongly against any line; what is doubted at all stands below."
    elif share <= FEW:
        yield f"Most of it should be right: look at the first {places} below."
    elif share <= MANY:
        yield f"Parts of it are likely wrong: look at the first {places} below."
    else:
        yield f"Read all of it before you show it: {places} of {cues} cues are likely wrong."
    yield from describe_missing(facts.missing)[:1]
    segments = facts.transcript.segments
    seconds = sum(one.duration for one in segments)
    if seconds:
        mean = sum(one.confidence * one.duration for one in segments) / seconds
        yield f"The recogniser is {mean:.0%} sure of its text on average."


def _cue_count(facts: Facts) -> int:
    """Return how many cues there are, lines of the transcript before there are any."""
    if facts.tracks:
        return sum(len(track.cues) for track in facts.tracks.values())
    return len(facts.transcript.segments) if facts.transcript else 0
