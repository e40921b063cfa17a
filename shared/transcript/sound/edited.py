#!/usr/bin/env python3
"""
Edited regions: speech regions as a recogniser can take them, whatever a person wrote.

A person who edits `speech_segments.json` draws regions that overlap, that last for minutes or go
beyond the sound. The same sound lies in the regions that come out, but for scraps that are too
short to be speech; they are in order, do not overlap and are short enough to be heard at once.

Usage:
    from shared.transcript.sound.edited import regions_in_order, no_longer

    regions = no_longer(regions_in_order(regions, duration=61.6), longest=28.0, cut=quietest_moment)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from shared.transcript.records.schemas import SpeechRegion

# Nothing so short is a sound of speech (seconds); Whisper's spectrogram has a frame each 0.01 s.
SHORTEST = 0.02
# Where a region is cut lies in this last share of what may be heard at once.
LAST_SHARE = 0.5


def regions_in_order(regions: Iterable[SpeechRegion], duration: float) -> list[SpeechRegion]:
    """Return the regions in order, without overlaps, none outside the sound and none empty.

    Where two overlap, the sound that both have stays with the earlier one and its speaker.

    Args:
        regions: In any order, overlapping or not.
        duration: Length of the sound, seconds.
    """
    ordered: list[SpeechRegion] = []
    position = 0.0
    for region in sorted(regions, key=lambda one: (one.start, one.end)):
        start, end = max(position, region.start), min(duration, region.end)
        if end - start >= SHORTEST:
            ordered.append(region.model_copy(update={"start": start, "end": end}))
            position = end
    return ordered


def no_longer(
    regions: Sequence[SpeechRegion], *, longest: float, cut: Callable[[float, float], float]
) -> list[SpeechRegion]:
    """Return the regions, each that is longer than can be heard at once in pieces that touch.

    Args:
        regions: In order.
        longest: Seconds; well over SHORTEST.
        cut: Called with two times in seconds; returns the best one between them for a cut.
    """
    pieces: list[SpeechRegion] = []
    for region in regions:
        start = region.start
        while region.end - start > longest:
            latest = min(start + longest, region.end - SHORTEST)
            at = cut(max(start + SHORTEST, latest - longest * LAST_SHARE), latest)
            pieces.append(region.model_copy(update={"start": start, "end": at}))
            start = at
        pieces.append(region.model_copy(update={"start": start}))
    return pieces
