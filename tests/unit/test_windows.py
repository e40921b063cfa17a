#!/usr/bin/env python3
"""Tests of shared/transcript/sound/windows.py: what is heard at once, and times mapped back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.windows import Window, fill_windows

LENGTH, PAUSE, MARGIN = 29.5, 2.0, 0.2


def regions_of(lengths: list[tuple[float, float]]) -> list[SpeechRegion]:
    """Return regions, each behind a pause."""
    regions, position = [], 0.0
    for pause, length in lengths:
        start = position + pause
        position = start + length
        regions.append(SpeechRegion(start=start, end=position, score=0.9))
    return regions


def windows_of(regions: list[SpeechRegion]) -> list[Window]:
    """Return the windows of a film that ends ten seconds after the last region."""
    end = regions[-1].end + 10 if regions else 10
    return fill_windows(regions, length=LENGTH, longest_pause=PAUSE, margin=MARGIN, duration=end)


SPEECH = st.lists(st.tuples(st.floats(0, 40), st.floats(0.1, 12)), max_size=40).map(regions_of)


@given(SPEECH)
def test_every_region_is_heard_whole_in_one_window_that_is_not_too_long(
    regions: list[SpeechRegion],
) -> None:
    windows = windows_of(regions)
    assert [one for window in windows for one in window.regions] == regions
    for window in windows:
        assert sum(piece.duration for piece in window.pieces) <= LENGTH + 1e-6
        for region in window.regions:
            assert any(
                piece.start <= region.start + 1e-9 and region.end <= piece.end + 1e-9
                for piece in window.pieces
            )
    for window in windows:
        others = [one for other in windows if other is not window for one in other.regions]
        for piece in window.pieces:
            assert not any(
                one.start < piece.end - 1e-6 and one.end > piece.start + 1e-6 for one in others
            )


@given(SPEECH, st.floats(0, 1), st.floats(0, 1))
def test_a_time_in_the_window_is_that_of_the_same_sound_in_the_film(
    regions: list[SpeechRegion], share: float, later: float
) -> None:
    for window in windows_of(regions):
        for piece, offset in zip(window.pieces, window.offsets, strict=True):
            # Where two pieces meet, one time in the window has two in the film.
            inside = min(share, 0.99) * piece.duration
            assert window.film_time(offset + inside) == pytest.approx(
                piece.start + inside, abs=1e-6
            )
        total = sum(piece.duration for piece in window.pieces)
        assert window.film_time(total * share * later) <= window.film_time(total * share) + 1e-9
        assert window.film_time(total + 9) == window.pieces[-1].end


def test_a_full_window_is_cut_at_the_longest_pause_near_its_end() -> None:
    lengths = [(0.0, 8.0), (0.3, 8.0), (0.3, 6.0), (1.5, 2.0), (0.2, 2.0), (0.4, 5.0)]
    first, second = windows_of(regions_of(lengths))
    assert (len(first.regions), len(second.regions)) == (3, 3)


def test_a_long_pause_is_shortened_and_its_middle_never_heard() -> None:
    (window,) = windows_of(regions_of([(5.0, 4.0), (60.0, 4.0)]))
    assert sum(piece.duration for piece in window.pieces) == pytest.approx(8 + 2 * MARGIN + PAUSE)
    assert window.film_time(MARGIN + 4 + PAUSE + 1) == pytest.approx(70.0)
