#!/usr/bin/env python3
"""Tests of shared/subtitles/base/frame_grid.py."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.frame_grid import RATES, guess_frame_rate


def timed(rate: str, count: int = 12) -> list[Cue]:
    """Return cues on the frames of a rate, in whole milliseconds, up to an hour into the film."""
    frame = float(1 / Fraction(rate))
    starts = [7001 * number + 3 * number * number + 1 for number in range(count)]
    return [
        Cue(round(one * frame, 3), round((one + 29) * frame, 3), "Yes, of course.")
        for one in starts
    ]


@pytest.mark.parametrize("rate", RATES)
def test_the_rate_of_a_file_is_told_by_its_times(rate: str) -> None:
    assert guess_frame_rate(timed(rate)) == rate


def test_times_on_no_frames_tell_nothing() -> None:
    cues = [Cue(1.0 + 2.137 * number, 2.5 + 2.211 * number, "Yes.") for number in range(20)]
    assert guess_frame_rate(cues) is None


def test_times_in_tenths_tell_nothing() -> None:
    cues = [Cue(1.1 + 3 * number, 2.7 + 3 * number, "Yes.") for number in range(20)]
    assert guess_frame_rate(cues) is None


def test_a_few_times_tell_nothing() -> None:
    assert guess_frame_rate(timed("25", count=1)) is None
    assert guess_frame_rate([]) is None


def test_three_cues_tell_a_rate() -> None:
    assert guess_frame_rate(timed("25", count=3)) == "25"


def test_one_time_beside_the_frames_changes_nothing() -> None:
    """The tags of sounds end with the sound; the other times still tell the rate."""
    cues = timed("25")
    cues[4] = replace(cues[4], end=cues[4].end - 0.013)
    assert guess_frame_rate(cues) == "25"


def test_one_close_time_among_typed_ones_tells_nothing() -> None:
    """A gap of one frame must not make a rate of its own, in which it would be two."""
    assert guess_frame_rate([Cue(1, 3, "Yes."), Cue(3.02, 5, "No."), Cue(9, 12, "Well.")]) is None
