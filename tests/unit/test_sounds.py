#!/usr/bin/env python3
"""
Sounds: from probabilities to events that do not flicker.

Usage:
    pytest tests/unit/test_sounds.py
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.sound.sounds import EventRules, SoundEvent, find_events

STEP, SHIFT = 0.48, 0.24


def events(row: list[float], kind: str = "engine", **rules: float) -> list[SoundEvent]:
    """Return the events of one kind."""
    duration = (len(row) + 1) * STEP
    return find_events({kind: row}, EventRules(**rules), step=STEP, shift=SHIFT, duration=duration)


def test_a_sound_that_wavers_is_one_event() -> None:
    found = events([0.0] * 4 + [0.9, 0.3, 0.9, 0.1, 0.1, 0.8, 0.9] + [0.0] * 4)
    assert [(one.kind, one.start, one.end) for one in found] == [("engine", 2.16, 5.52)]


def test_too_short_is_no_event_but_for_a_shot() -> None:
    row = [0.0] * 4 + [0.9] + [0.0] * 4
    assert events(row) == []
    assert len(events(row, kind="gunshots")) == 1


def test_what_never_reaches_the_onset_is_nothing() -> None:
    assert events([0.45] * 40) == []


@pytest.mark.parametrize("kind", ["water", "rain", "wind"])
def test_what_noise_resembles_must_be_certain(kind: str) -> None:
    assert events([0.92] * 40, kind) == []
    assert len(events([0.3] * 4 + [0.98] + [0.3] * 4, kind)) == 1
    assert events([0.98] * 40, kind, onset=0.99) == []


def test_a_sound_from_first_to_last_frame_lasts_as_long_as_the_film() -> None:
    (one,) = events([0.9] * 10, kind="music")
    assert (one.start, one.end) == (0.0, 5.04)


def test_kinds_come_in_order_of_time() -> None:
    rows = {"music": [0.0] * 5 + [0.9] * 5, "rain": [0.99] * 5 + [0.0] * 5}
    found = find_events(rows, EventRules(), step=STEP, shift=SHIFT, duration=5.28)
    assert [one.kind for one in found] == ["rain", "music"]


@given(st.lists(st.floats(0.0, 1.0), max_size=60))
def test_events_of_a_kind_never_flicker(row: list[float]) -> None:
    found = events(row)
    assert all(one.duration >= 1.4 - 0.002 for one in found)
    for before, after in zip(found, found[1:], strict=False):
        assert after.start - before.end >= 2.0 - 0.002
