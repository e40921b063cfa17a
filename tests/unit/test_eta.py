#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/eta.py."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.pipeline.plan.eta import RemainingTime, clock
from shared.stage_order import STAGE_ORDER

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.sampled_from(STAGE_ORDER)),
        st.tuples(st.just("progress"), st.floats(-1, 2)),
        st.tuples(st.just("end"), st.none() | st.floats(0, 1e5)),
    ),
    max_size=20,
)


@example({"mux": 1.0}, [("start", "mux"), ("progress", 2.0)])
@given(st.dictionaries(st.sampled_from(STAGE_ORDER), st.floats(0, 1e5)), ACTIONS)
def test_the_remaining_time_is_never_negative(
    expected: dict[str, float], actions: list[tuple[str, object]]
) -> None:
    remaining = RemainingTime(expected)
    for action, value in actions:
        getattr(remaining, action)(value)
        assert remaining.seconds() >= 0


def test_the_first_guess_is_the_sum_of_the_stages() -> None:
    assert RemainingTime({"demux": 10.0, "asr": 500.0}).seconds() == pytest.approx(510.0)


def test_a_slow_stage_makes_the_rest_longer() -> None:
    remaining = RemainingTime({"pyannote_vad": 300.0, "asr": 500.0})
    remaining.start("pyannote_vad")
    remaining.end(900.0)
    assert 500.0 * 1.5 < remaining.seconds() <= 500.0 * 3


@pytest.mark.parametrize("seconds", [None, 0.3])
def test_what_ends_at_once_does_not_promise_the_same_of_long_work(seconds: float | None) -> None:
    remaining = RemainingTime({"tmdb": 1.0, "source_separation": 60.0, "asr": 3600.0})
    for stage in ("tmdb", "source_separation"):
        remaining.start(stage)
        remaining.end(seconds)
    assert 3300.0 < remaining.seconds() <= 3600.0


def test_progress_replaces_the_guess() -> None:
    remaining = RemainingTime({"asr": 6000.0})
    started = time.monotonic()
    remaining.start("asr")
    time.sleep(0.02)
    remaining.progress(0.5)
    assert 0.02 <= remaining.seconds() <= time.monotonic() - started
    remaining.progress(1.0)
    assert remaining.seconds() == 0


def test_nothing_is_left_when_all_is_done_and_skipped_stages_are_forgotten() -> None:
    remaining = RemainingTime({"demux": 9.0, "tmdb": 1.0, "asr": 60.0})
    remaining.start("asr")
    remaining.end(1.0)
    assert remaining.seconds() == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (7500, "2:05:00")],
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert clock(seconds) == text
