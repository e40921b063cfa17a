#!/usr/bin/env python3
"""Tests of shared/pipeline/eta.py."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.pipeline.budgets import expected_seconds
from shared.pipeline.eta import RemainingTime, clock
from shared.stage_order import STAGE_ORDER

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.sampled_from(STAGE_ORDER)),
        st.tuples(st.just("progress"), st.floats(-1, 2)),
        st.tuples(st.just("end"), st.floats(0, 1e5)),
    ),
    max_size=20,
)


@example(["mux"], 1.0, [("start", "mux"), ("progress", 2.0)])
@given(st.lists(st.sampled_from(STAGE_ORDER), unique=True), st.floats(0.01, 1e5), ACTIONS)
def test_the_remaining_time_is_never_negative(
    stages: list[str], media_seconds: float, actions: list[tuple[str, object]]
) -> None:
    remaining = RemainingTime(stages, media_seconds)
    for action, value in actions:
        getattr(remaining, action)(value)
        assert remaining.seconds() >= 0


def test_the_first_guess_is_the_sum_of_the_stages() -> None:
    remaining = RemainingTime(["demux", "asr"], media_seconds=600)
    assert remaining.seconds() == expected_seconds("demux", 600) + expected_seconds("asr", 600)


def test_a_slow_stage_makes_the_rest_longer() -> None:
    remaining = RemainingTime(["demux", "asr"], media_seconds=600)
    remaining.start("demux")
    remaining.end(3 * expected_seconds("demux", 600))
    assert remaining.seconds() == pytest.approx(3 * expected_seconds("asr", 600))


def test_progress_replaces_the_guess() -> None:
    remaining = RemainingTime(["asr"], media_seconds=6000)
    remaining.start("asr")
    time.sleep(0.02)
    remaining.progress(0.5)
    assert 0.02 <= remaining.seconds() < 1.0
    remaining.progress(1.0)
    assert remaining.seconds() == 0


def test_nothing_is_left_when_all_is_done_and_skipped_stages_are_forgotten() -> None:
    remaining = RemainingTime(["demux", "tmdb", "asr"], media_seconds=60)
    remaining.start("asr")
    remaining.end(1.0)
    assert remaining.seconds() == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (7500, "2:05:00")],
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert clock(seconds) == text
