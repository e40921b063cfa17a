#!/usr/bin/env python3
"""
Tests of shared.transcript.sound.speech: from frame probabilities to regions and chunks.

Usage:
    ./tests/run-tests.sh tests/unit/test_speech.py
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.records.schemas import TIME_TOLERANCE, SpeechRegion, TimeSpan
from shared.transcript.sound.speech import (
    RegionRules,
    chunk_regions,
    find_regions,
    merge_regions,
    pad_regions,
    speech_score,
    tidy_regions,
    uncovered,
)

STEP = 0.1


def region(
    start: float, end: float, score: float = 0.9, speaker: str | None = None
) -> SpeechRegion:
    return SpeechRegion(start=start, end=end, score=score, speaker=speaker)


@st.composite
def region_lists(draw: st.DrawFn) -> list[SpeechRegion]:
    """Regions in order that do not overlap."""
    position, found = 0.0, []
    for _ in range(draw(st.integers(0, 12))):
        position += draw(st.floats(0.0, 5.0))
        length = draw(st.floats(0.01, 8.0))
        found.append(region(position, position + length, draw(st.floats(0.0, 1.0))))
        position += length
    return found


def find(
    probabilities: list[float], duration: float | None = None, **changes: float
) -> list[SpeechRegion]:
    rules = RegionRules(0.5, 0.3, min_speech=0.0, min_silence=0.0, pad=0.0, max_speech=100.0)
    length = len(probabilities) * STEP if duration is None else duration
    return find_regions(probabilities, replace(rules, **changes), step=STEP, duration=length)


def test_hysteresis_keeps_a_region_open_between_offset_and_onset() -> None:
    found = find([0.1, 0.6, 0.4, 0.4, 0.2, 0.4, 0.1])
    assert [(round(r.start, 3), round(r.end, 3)) for r in found] == [(0.1, 0.4)]
    assert found[0].score == pytest.approx((0.6 + 0.4 + 0.4) / 3)


def test_speech_up_to_the_last_frame_ends_with_the_audio() -> None:
    assert find([0.9] * 10, duration=0.95)[0].end == pytest.approx(0.95)


def test_silence_and_nothing_give_no_region() -> None:
    assert find([0.0] * 50) == []
    assert find([]) == []


def test_a_long_region_is_cut_at_its_least_speech_like_frame() -> None:
    probabilities = [0.9] * 100
    probabilities[60] = 0.45
    found = find(probabilities, max_speech=7.0, min_silence=0.3)
    assert [round(r.start, 3) for r in found] == [0.0, 6.0]
    assert found[-1].end == pytest.approx(10.0)


def test_a_long_region_without_a_dip_is_cut_in_its_middle() -> None:
    found = find([0.9] * 100, max_speech=7.0)
    assert [round(r.start, 1) for r in found] == [0.0, 5.0]


@given(st.lists(st.floats(0.0, 1.0), max_size=300), st.floats(0.5, 10.0), st.floats(0.0, 0.5))
def test_found_regions_are_in_order_and_short_enough(
    probabilities: list[float], max_speech: float, pad: float
) -> None:
    found = find(probabilities, max_speech=max_speech, pad=pad)
    assert all(r.duration <= max(max_speech, 6 * STEP) + TIME_TOLERANCE for r in found)
    assert all(a.end <= b.start + TIME_TOLERANCE for a, b in zip(found, found[1:], strict=False))
    for index, probability in enumerate(probabilities):
        middle = (index + 0.5) * STEP
        # What touches the edge may be no speech: see below.
        inner = 0.7 <= middle <= len(probabilities) * STEP - 0.7
        if inner and probability >= 0.5:
            assert any(r.start <= middle <= r.end for r in found)


def test_merging_weighs_the_scores_by_duration() -> None:
    merged = merge_regions([region(0, 3, 1.0), region(3.1, 4.1, 0.2)], max_gap=0.2)
    assert [(r.start, r.end) for r in merged] == [(0, 4.1)]
    assert merged[0].score == pytest.approx((3 * 1.0 + 1 * 0.2) / 4)


def test_two_known_speakers_are_not_merged() -> None:
    both = [region(0, 1, speaker="A"), region(1.1, 2, speaker="B")]
    assert merge_regions(both, max_gap=1.0) == both
    assert merge_regions([both[0], region(1.1, 2)], max_gap=1.0)[0].speaker == "A"


@given(region_lists(), st.floats(0.0, 3.0))
def test_merging_covers_the_same_speech(regions: list[SpeechRegion], gap: float) -> None:
    merged = merge_regions(regions, max_gap=gap)
    for one in regions:
        assert any(m.start <= one.start and one.end <= m.end for m in merged)
    for a, b in zip(merged, merged[1:], strict=False):
        assert b.start - a.end >= gap - TIME_TOLERANCE


@given(region_lists(), st.floats(0.0, 2.0))
def test_padding_never_overlaps_and_never_shrinks(regions: list[SpeechRegion], pad: float) -> None:
    duration = (regions[-1].end if regions else 0.0) + 1.0
    padded = pad_regions(regions, pad=pad, duration=duration)
    assert len(padded) == len(regions)
    for old, new in zip(regions, padded, strict=True):
        assert new.start <= old.start and new.end >= old.end
        assert new.start >= max(0.0, old.start - pad - TIME_TOLERANCE)
        assert new.end <= duration + TIME_TOLERANCE
    assert all(a.end <= b.start + TIME_TOLERANCE for a, b in zip(padded, padded[1:], strict=False))


def test_tidying_drops_clicks_and_closes_breaths() -> None:
    rough = [region(1.0, 1.05), region(3.0, 4.0), region(4.1, 5.0)]
    tidy = tidy_regions(rough, min_speech=0.1, min_silence=0.3, pad=0.2, duration=5.1)
    assert [(round(r.start, 3), round(r.end, 3)) for r in tidy] == [(2.8, 5.1)]


def test_chunks_end_at_long_silences_and_at_the_window() -> None:
    regions = [region(0, 10), region(11, 20), region(21, 31), region(40, 41)]
    chunks = chunk_regions(regions, max_gap=2.0, max_length=28.0)
    assert [[r.start for r in chunk] for chunk in chunks] == [[0, 11], [21], [40]]


@given(region_lists(), st.floats(0.0, 3.0), st.floats(1.0, 30.0))
def test_chunks_keep_every_region(
    regions: list[SpeechRegion], max_gap: float, max_length: float
) -> None:
    chunks = chunk_regions(regions, max_gap=max_gap, max_length=max_length)
    assert [one for chunk in chunks for one in chunk] == regions
    for chunk in chunks:
        assert len(chunk) == 1 or chunk[-1].end - chunk[0].start <= max_length
        assert all(
            b.start - a.end <= max_gap + TIME_TOLERANCE
            for a, b in zip(chunk, chunk[1:], strict=False)
        )


def test_speech_score_counts_silence_as_zero() -> None:
    regions = [region(0, 1, 0.8), region(3, 4, 0.6)]
    assert speech_score(0, 4, regions) == pytest.approx((0.8 + 0.6) / 4)
    assert speech_score(1.5, 2.5, regions) == 0
    assert speech_score(0.5, 0.5, regions) == 0.8


def test_uncovered_speech_is_listed() -> None:
    texts = [TimeSpan(start=2, end=4), TimeSpan(start=0, end=0.9)]
    bare = uncovered([region(0, 5), region(7, 9)], texts, min_length=1.0)
    assert [(s.start, s.end) for s in bare] == [(0.9, 2), (4, 5), (7, 9)]


@given(region_lists(), region_lists())
def test_uncovered_speech_holds_no_text(
    regions: list[SpeechRegion], texts: list[SpeechRegion]
) -> None:
    for span in uncovered(regions, texts, min_length=0.1):
        assert span.duration >= 0.1 - TIME_TOLERANCE
        assert any(r.start <= span.start and span.end <= r.end for r in regions)
        assert not any(
            t.start < span.end - TIME_TOLERANCE and t.end > span.start + TIME_TOLERANCE
            for t in texts
        )


def test_a_lone_region_of_low_score_at_the_edge_of_the_sound_is_no_speech() -> None:
    unsure, silence, speech = [0.55] * 3, [0.0] * 12, [0.9] * 20
    both = find(unsure + silence + speech + silence + unsure)
    assert [(one.start, one.end) for one in both] == [pytest.approx((1.5, 3.5))]
    assert find(silence + unsure) == []
    assert len(find(unsure)) == 1
    # Sure of it, longer, close to other speech, or not at the edge: it stays.
    assert len(find([0.9] * 3 + silence + speech)) == 2
    assert len(find([0.55] * 7 + silence + speech)) == 2
    assert len(find(unsure + [0.0] * 3 + speech)) == 2
    assert len(find(silence + unsure + silence + speech)) == 2
