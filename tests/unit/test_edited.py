#!/usr/bin/env python3
"""Tests of shared/transcript/sound/edited.py: any regions become such as can be heard at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.edited import SHORTEST, no_longer, regions_in_order
from shared.transcript.sound.windows import Window, fill_windows

DURATION, LENGTH, PAUSE, MARGIN = 120.0, 28.0, 2.0, 0.2
LONGEST = LENGTH - 2 * MARGIN
STEP = 0.05


def region_of(edges: tuple[float, float]) -> SpeechRegion:
    """Return a region between two times in any order."""
    return SpeechRegion(start=min(edges), end=max(edges), score=0.9)


# Any regions a person may write: nested, equal, empty, minutes long, behind the end of the sound.
TIMES = st.one_of(st.floats(0, 1.5 * DURATION), st.sampled_from([0.0, 30.0, 60.0, DURATION]))
EDITED = st.lists(st.tuples(TIMES, TIMES).map(region_of), max_size=12)
CUTS = st.floats(0, 1)


def heard(regions: list[SpeechRegion], share: float) -> list[SpeechRegion]:
    """Return the regions as recognition hears them, cut at a share of where they may be cut."""
    return no_longer(
        regions_in_order(regions, DURATION),
        longest=LONGEST,
        cut=lambda low, high: low + share * (high - low),
    )


def windows_of(regions: list[SpeechRegion], share: float) -> list[Window]:
    """Return the windows in which they are heard."""
    return fill_windows(
        heard(regions, share),
        length=LENGTH,
        longest_pause=PAUSE,
        margin=MARGIN,
        duration=DURATION,
    )


@given(EDITED, CUTS)
def test_no_sound_of_a_region_is_lost_and_none_is_heard_twice(
    regions: list[SpeechRegion], share: float
) -> None:
    windows = windows_of(regions, share)
    for tick in range(int(DURATION / STEP)):
        moment = (tick + 0.5) * STEP
        lying_in = [
            window
            for window in windows
            if any(one.start <= moment < one.end for one in window.regions)
        ]
        deep = any(
            one.start <= moment - SHORTEST and moment + SHORTEST <= one.end for one in regions
        )
        spoken = any(one.start <= moment < one.end for one in regions)
        assert len(lying_in) <= 1
        assert bool(lying_in) or not deep
        assert spoken or not lying_in


@given(EDITED, CUTS)
def test_no_window_is_longer_than_whisper_hears_and_every_time_maps_back(
    regions: list[SpeechRegion], share: float
) -> None:
    for window in windows_of(regions, share):
        assert sum(piece.duration for piece in window.pieces) <= LENGTH + 1e-6
        assert all(0.0 <= piece.start < piece.end <= DURATION for piece in window.pieces)
        for piece, offset in zip(window.pieces, window.offsets, strict=True):
            middle = piece.duration / 2
            assert window.film_time(offset + middle) == pytest.approx(piece.start + middle)


def test_two_people_at_once_keep_their_own_part() -> None:
    regions = [
        SpeechRegion(start=4.0, end=9.0, score=0.8, speaker="B"),
        SpeechRegion(start=0.0, end=5.0, score=0.9, speaker="A"),
    ]
    found = regions_in_order(regions, 20.0)
    assert [(one.start, one.end, one.speaker) for one in found] == [(0, 5, "A"), (5, 9, "B")]


def test_regions_of_a_detector_stay_as_they_are() -> None:
    regions = [region_of((0.5, 4.0)), region_of((4.0, 12.0)), region_of((13.0, 13.1))]
    assert heard(regions, 0.5) == regions
