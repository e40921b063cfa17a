#!/usr/bin/env python3
"""
Speech regions: from probabilities per frame to the stretches a recogniser works on.

Pure functions on lists of SpeechRegion (seconds, in order, not overlapping); no detector and no
array library is needed. Hysteresis (onset, offset) follows Gelly and Gauvain, "Minimum Word Error
Training of RNN-based Voice Activity Detection" (2015); cutting a long region at its least
speech-like frame follows Bain et al., "WhisperX" (2023).

Usage:
    from shared.transcript.sound.speech import RegionRules, find_regions

    rules = RegionRules(0.5, 0.363, min_speech=0.1, min_silence=0.1, pad=0.05, max_speech=12.0)
    regions = find_regions(probabilities, rules, step=0.032, duration=61.6)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.transcript.records.schemas import SpeechRegion, TimeSpan
from shared.transcript.sound.in_order import InOrder

# A cut inside a long region leaves at least this share of it on either side.
CUT_MARGIN = 0.25
# Half a second at the very edge of the sound, alone and hardly likelier than not, is no speech: it
# is what a network says where it hears the other half of its window as nothing (seconds, score).
EDGE_LENGTH, EDGE_SILENCE, EDGE_SCORE = 0.5, 0.5, 0.6


@dataclass(frozen=True)
class RegionRules:
    """How regions are made of probabilities; lengths in seconds.

    A region begins where the probability reaches `onset` and ends where it falls below `offset`.
    Silences shorter than `min_silence` are closed, regions shorter than `min_speech` dropped; each
    gains `pad` on either side, and one over `max_speech` is cut at its least speech-like frame.
    """

    onset: float
    offset: float
    min_speech: float
    min_silence: float
    pad: float
    max_speech: float


def find_regions(
    probabilities: Sequence[float], rules: RegionRules, *, step: float, duration: float
) -> list[SpeechRegion]:
    """Return the speech regions in a detector's output.

    Args:
        probabilities: Speech probability of each frame, shape (frames,).
        rules: How regions are made.
        step: Seconds from one frame to the next; frame i covers i*step to (i+1)*step.
        duration: Length of the audio, seconds; no region goes beyond it.

    Returns:
        Regions in order that touch at most; the score of each is the mean probability.
    """
    found: list[SpeechRegion] = []
    for first, last in _active_runs(probabilities, rules.onset, rules.offset):
        start, end = first * step, min(duration, last * step)
        if end > start:
            score = sum(probabilities[first:last]) / (last - first)
            found.append(SpeechRegion(start=start, end=end, score=min(1.0, max(0.0, score))))
    tidy = tidy_regions(
        _without_false_edges(found, max(step, rules.min_silence), duration),
        min_speech=rules.min_speech,
        min_silence=rules.min_silence,
        pad=rules.pad,
        duration=duration,
    )
    return [
        piece
        for region in tidy
        for piece in _cut_region(region, probabilities, step=step, max_speech=rules.max_speech)
    ]


def _without_false_edges(
    found: list[SpeechRegion], edge: float, duration: float
) -> list[SpeechRegion]:
    """Leave out a lone short region of low score that touches the edge of the sound."""

    def is_false(region: SpeechRegion, silence: float) -> bool:
        short = region.duration <= EDGE_LENGTH and region.score < EDGE_SCORE
        return short and silence >= EDGE_SILENCE

    if found and found[0].start <= edge:
        following = found[1].start if len(found) > 1 else duration
        if is_false(found[0], following - found[0].end):
            found = found[1:]
    if found and found[-1].end >= duration - edge:
        before = found[-2].end if len(found) > 1 else 0.0
        if is_false(found[-1], found[-1].start - before):
            found = found[:-1]
    return found


def _active_runs(
    probabilities: Sequence[float], onset: float, offset: float
) -> Iterable[tuple[int, int]]:
    """Yield (first frame, frame after the last) of each run between onset and offset."""
    first: int | None = None
    for index, probability in enumerate(probabilities):
        if first is None and probability >= onset:
            first = index
        elif first is not None and probability < offset:
            yield first, index
            first = None
    if first is not None:
        yield first, len(probabilities)


def _cut_region(
    region: SpeechRegion, probabilities: Sequence[float], *, step: float, max_speech: float
) -> list[SpeechRegion]:
    """Cut a region where speech is least likely until no piece is longer than max_speech."""
    pieces: list[SpeechRegion] = []
    waiting = [region]
    while waiting:
        one = waiting.pop()
        first, last = int(one.start / step) + 1, min(len(probabilities), int(one.end / step))
        margin = max(1, int((last - first) * CUT_MARGIN))
        inner = range(first + margin, last - margin)
        if one.duration <= max_speech or not inner:
            pieces.append(one)
            continue
        middle = (first + last) / 2
        # Among equals the frame nearest to the middle, so that the pieces are not needlessly short.
        cut = min(inner, key=lambda i: (probabilities[i], abs(i - middle))) * step
        waiting.append(one.model_copy(update={"start": cut}))
        waiting.append(one.model_copy(update={"end": cut}))
    return pieces


def tidy_regions(
    regions: Sequence[SpeechRegion],
    *,
    min_speech: float,
    min_silence: float,
    pad: float,
    duration: float,
) -> list[SpeechRegion]:
    """Join regions across short silences, drop the short ones, widen the rest.

    Args:
        regions: Regions in order.
        min_speech: Regions shorter than this are dropped, seconds.
        min_silence: Silences shorter than this are closed, seconds.
        pad: What each region gains on either side, seconds; neighbours share the silence between.
        duration: Length of the audio, seconds.

    Returns:
        Regions in order that touch at most.
    """
    joined = merge_regions(regions, max_gap=min_silence)
    return pad_regions(
        [region for region in joined if region.duration >= min_speech], pad=pad, duration=duration
    )


def merge_regions(regions: Iterable[SpeechRegion], *, max_gap: float) -> list[SpeechRegion]:
    """Join regions that overlap or lie less than max_gap seconds apart.

    Regions that overlap or touch are joined only with max_gap above 0; regions of two known,
    different speakers are never joined. The score becomes the mean, weighted by duration.

    Args:
        regions: Regions in any order.
        max_gap: Seconds.

    Returns:
        Regions in order.
    """
    merged: list[SpeechRegion] = []
    for region in sorted(regions, key=lambda one: (one.start, one.end)):
        if merged and region.start - merged[-1].end < max_gap and _may_join(merged[-1], region):
            merged[-1] = _join(merged[-1], region)
        else:
            merged.append(region)
    return merged


def _may_join(first: SpeechRegion, second: SpeechRegion) -> bool:
    """Tell whether no two known speakers would be mixed."""
    return first.speaker == second.speaker or None in (first.speaker, second.speaker)


def _join(first: SpeechRegion, second: SpeechRegion) -> SpeechRegion:
    """Return one region from the start of the first to the later end."""
    weight = first.duration + second.duration
    score = max(first.score, second.score)
    if weight > 0:
        score = (first.score * first.duration + second.score * second.duration) / weight
    return SpeechRegion(
        start=min(first.start, second.start),
        end=max(first.end, second.end),
        score=min(1.0, score),
        speaker=first.speaker or second.speaker,
    )


def pad_regions(
    regions: Sequence[SpeechRegion], *, pad: float, duration: float
) -> list[SpeechRegion]:
    """Widen each region by pad seconds on either side, at most to the middle of a silence.

    Args:
        regions: Regions in order, not overlapping.
        pad: Seconds.
        duration: Length of the audio, seconds.

    Returns:
        As many regions, still in order and not overlapping.
    """
    padded: list[SpeechRegion] = []
    for index, region in enumerate(regions):
        lower, upper = 0.0, max(duration, region.end)
        if index:
            lower = (regions[index - 1].end + region.start) / 2
        if index + 1 < len(regions):
            upper = (region.end + regions[index + 1].start) / 2
        start = min(region.start, max(lower, region.start - pad))
        end = max(region.end, min(upper, region.end + pad))
        padded.append(region.model_copy(update={"start": start, "end": end}))
    return padded


def chunk_regions(
    regions: Sequence[SpeechRegion], *, max_gap: float, max_length: float
) -> list[list[SpeechRegion]]:
    """Group regions into chunks that a recogniser hears at once.

    Args:
        regions: Regions in order.
        max_gap: A longer silence always ends a chunk, seconds: text is invented in such gaps.
        max_length: A chunk spans at most this, seconds, unless one region alone is longer.

    Returns:
        The regions in order, grouped.
    """
    chunks: list[list[SpeechRegion]] = []
    for region in regions:
        fits = (
            bool(chunks)
            and region.start - chunks[-1][-1].end <= max_gap
            and region.end - chunks[-1][0].start <= max_length
        )
        if fits:
            chunks[-1].append(region)
        else:
            chunks.append([region])
    return chunks


def speech_score(start: float, end: float, regions: Iterable[SpeechRegion]) -> float:
    """Return the mean speech probability from start to end; outside every region it is 0.

    Args:
        start: Seconds.
        end: Seconds, not before start.
        regions: Regions that do not overlap.
    """
    if end <= start:
        return max((one.score for one in regions if one.start <= start <= one.end), default=0.0)
    heard = sum(one.score * max(0.0, min(end, one.end) - max(start, one.start)) for one in regions)
    return min(1.0, heard / (end - start))


def uncovered(
    regions: Iterable[SpeechRegion], texts: Sequence[TimeSpan], *, min_length: float
) -> list[TimeSpan]:
    """Return the parts of the speech regions that no text covers.

    Args:
        regions: Where somebody speaks.
        texts: Segments (or any spans) in any order.
        min_length: Shorter parts are left out, seconds.

    Returns:
        Spans in order.
    """
    spans = InOrder(sorted(texts, key=lambda one: one.start))
    bare: list[TimeSpan] = []
    for region in regions:
        position = region.start
        for span in spans.touching(region):
            if span.end <= position or span.start >= region.end:
                continue
            if span.start - position >= min_length:
                bare.append(TimeSpan(start=position, end=span.start))
            position = max(position, span.end)
        if region.end - position >= min_length:
            bare.append(TimeSpan(start=position, end=region.end))
    return bare
