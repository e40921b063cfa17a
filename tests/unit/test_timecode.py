#!/usr/bin/env python3
"""Tests of shared/media/timecode.py."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import InputError
from shared.media.timecode import parse_time, snap_to_frame

RATES = ["24", "25", "30000/1001", "24000/1001", "60", "15/2"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("90", 90.0),
        ("90.5", 90.5),
        ("90,5", 90.5),
        ("1:30", 90.0),
        ("01:02:03.500", 3723.5),
        (" 75:00 ", 4500.0),
        ("100:00:00", 360_000.0),
    ],
)
def test_what_a_user_types_is_understood(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "-1", "1:2:3:4", "1:60", "1:60:00", "abc", "1h", "１２", "nan", "1e3", "1:", ":1"]
)
def test_anything_else_is_refused_with_the_option_and_an_example(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_time(text, "--start")
    assert caught.value.cause.startswith("--start ")
    assert "90.5" in caught.value.hint


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_a_written_time_is_read_back(hours: int, minutes: int, seconds: int, ms: int) -> None:
    text = f"{hours}:{minutes:02d}:{seconds:02d}.{ms:03d}"
    expected = hours * 3600 + minutes * 60 + seconds + ms / 1000
    assert parse_time(text) == pytest.approx(expected, abs=1e-9)


@given(st.floats(0, 20_000), st.sampled_from(RATES))
def test_a_snapped_time_is_a_frame_and_the_nearest(seconds: float, rate: str) -> None:
    snapped = snap_to_frame(seconds, rate)
    frame = snapped * float(Fraction(rate))
    assert frame == pytest.approx(round(frame), abs=1e-4)
    assert abs(snapped - seconds) <= float(1 / Fraction(rate)) / 2 + 1e-9
    assert snap_to_frame(snapped, rate) == snapped


def test_without_a_picture_nothing_is_snapped() -> None:
    assert snap_to_frame(1.2345, None) == 1.2345
