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

# A doubt this heavy is a cue that is likely wrong (WEIGHTS of doubts/doubt.py): 41 of 42 such cues
# were, of 117 with references, and 28 of the 75 others.
HEAVY = 2.5
# Up to which share of heavily doubted cues one reads those alone, and above which one reads all.
FEW, MANY = 0.05, 0.25


def describe_confidence(facts: Facts) -> Iterator[str]:
    """Yield how sure the text is, what to do first.

    Args:
        facts: What is known of the job.
    """
    counts = _cue_counts(facts)
    if facts.transcript is None or not any(counts.values()):
        return
    heavy = [one.track for one in facts.doubts if one.weight >= HEAVY]
    places = counted(len(heavy), "place")
    share = max(heavy.count(track) / cues for track, cues in counts.items() if cues)
    if not facts.doubts:
        yield "Nothing that the program can see speaks against any line."
    elif not heavy:
        yield "Nothing speaks strongly against any line; what is doubted at all stands below."
    elif share <= FEW:
        yield f"Most of it should be right: look at the worst below, {places}."
    elif share <= MANY:
        yield f"Parts of it are likely wrong: look at the worst below, {places}."
    else:
        yield f"Read all of it before you show it: {places} are likely wrong."
    yield from describe_missing(facts.missing)[:1]
    segments = facts.transcript.segments
    seconds = sum(one.duration for one in segments)
    if seconds:
        mean = sum(one.confidence * one.duration for one in segments) / seconds
        yield f"The recogniser is {mean:.0%} sure of its text on average."


def _cue_counts(facts: Facts) -> dict[str, int]:
    """Return how many cues each track has; before there are any, the lines of the transcript."""
    if facts.tracks or facts.transcript is None:
        return {name: len(track.cues) for name, track in facts.tracks.items()}
    return {facts.transcript.language: len(facts.transcript.segments)}
