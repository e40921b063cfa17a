#!/usr/bin/env python3
"""
Coverage: how much of the detected speech has become text, to the second, and what has not.

Usage:
    from shared.transcript.sound.coverage import measure_coverage, missing_speech

    coverage = measure_coverage(regions, segments, quarantined)
    coverage.share  # 0.998
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.transcript.records.schemas import Coverage, SpeechRegion, TimeSpan, Transcript
from shared.transcript.sound.speech import uncovered

# Detectors widen speech by a frame or two, so that the text may end this much earlier (seconds).
EDGE = 0.1
# What is heard again: a stretch of at least this many seconds, or a whole region of the lesser.
SHORTEST_STRETCH = 1.0
SHORTEST_REGION = 0.3


def missing_speech(regions: Sequence[SpeechRegion], texts: Sequence[TimeSpan]) -> list[TimeSpan]:
    """Return the speech that no text covers, in order, but for the edges of regions.

    Args:
        regions: Where somebody speaks, in order.
        texts: Segments, quarantined text, in any order.
    """
    return uncovered(regions, texts, min_length=EDGE)


def measure_coverage(
    regions: Sequence[SpeechRegion],
    segments: Sequence[TimeSpan],
    quarantined: Sequence[TimeSpan],
) -> Coverage:
    """Return how many seconds of speech have text, believed or not.

    Args:
        regions: Where somebody speaks, in order.
        segments: Text that is believed.
        quarantined: Text that is not.
    """
    without_belief = _seconds(missing_speech(regions, segments))
    without_text = _seconds(missing_speech(regions, [*segments, *quarantined]))
    speech = _seconds(regions)
    return Coverage(
        speech_seconds=speech,
        text_seconds=max(0.0, speech - without_belief),
        quarantined_seconds=max(0.0, without_belief - without_text),
        without_text_seconds=without_text,
    )


def coverage_figures(transcript: Transcript) -> dict[str, float]:
    """Return the figures of a stage summary: seconds of speech, and what became of them.

    Args:
        transcript: As recognition made it.
    """
    if transcript.coverage is None:
        return {}
    return {**transcript.coverage.model_dump(), "coverage": round(transcript.coverage.share, 4)}


def worth_second_pass(
    regions: Sequence[SpeechRegion], segments: Sequence[TimeSpan]
) -> list[TimeSpan]:
    """Return the stretches of speech without believed text in which a sentence may be lost.

    Args:
        regions: Where somebody speaks, in order.
        segments: Text that is believed.
    """
    whole = {(one.start, one.end) for one in regions}
    return [
        span
        for span in missing_speech(regions, segments)
        if span.duration >= SHORTEST_STRETCH
        or (span.duration >= SHORTEST_REGION and (span.start, span.end) in whole)
    ]


def _seconds(spans: Sequence[TimeSpan]) -> float:
    return sum(one.duration for one in spans)
