#!/usr/bin/env python3
"""
Spacing: how the words of a segment stand in its text and in its time.

Usage:
    from shared.transcript.records.spacing import is_fully_timed, spaced_tokens

    spaced_tokens("It's, well", ["It's,", "well"])   # ["It's,", " well"]
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.transcript.records.schemas import Segment


def is_fully_timed(segment: Segment) -> bool:
    """Return whether the words of a segment are its text: false after somebody corrected it.

    Args:
        segment: A segment with or without words.
    """
    return _squeeze("".join(word.text for word in segment.words)) == _squeeze(segment.text)


def clamp_segment(segment: Segment, lower: float, upper: float) -> Segment:
    """Return the segment with all its times moved between two limits; order stays.

    Args:
        segment: With its words and their times.
        lower: Earliest start in seconds.
        upper: Latest end in seconds, not before lower.
    """

    def clamp(seconds: float) -> float:
        return min(max(seconds, lower), upper)

    words = [
        word.model_copy(update={"start": clamp(word.start), "end": clamp(word.end)})
        for word in segment.words
    ]
    times = {"start": clamp(segment.start), "end": clamp(segment.end), "words": words}
    return segment.model_copy(update=times)


def spaced_tokens(text: str, tokens: Sequence[str]) -> list[str]:
    """Return the tokens, each with a space in front where the text has one.

    Args:
        text: Running text.
        tokens: Its tokens in order; one that is not found gets a space.
    """
    spaced: list[str] = []
    position = 0
    for token in tokens:
        bare = token.strip()
        found = text.find(bare, position)
        if found < 0:
            spaced.append(" " + bare)
            continue
        spaced.append(bare if found == position and position else " " + bare)
        position = found + len(bare)
    if spaced:
        spaced[0] = spaced[0].lstrip()
    return spaced


def _squeeze(text: str) -> str:
    return "".join(text.split())
