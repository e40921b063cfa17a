#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/eta.py: what is said of the time that is left, and what is true."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.plan.eta import Range, RemainingTime, clock
from shared.pipeline.plan.pace import USUAL_PACE
from shared.stage_order import STAGE_ORDER

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.sampled_from(STAGE_ORDER)),
        st.tuples(st.just("progress"), st.floats(-1, 2)),
        st.tuples(st.just("end"), st.none() | st.floats(0, 1e5)),
    ),
    max_size=20,
)
# Seconds since the start, event, stage, share done or seconds it took.
Row = tuple[float, str, str, float | None]
RUNS: dict[str, list[Row]] = json.loads(
    (PROJECT_ROOT / "tests/fixtures/progress/runs.json").read_bytes()
)
FILM_MINUTES = 69.4 / 60
GUESSED = {"demux": 10.0, "pyannote_vad": 60.0, "asr": 300.0, "translation": 100.0, "mux": 5.0}


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.time


class Told(NamedTuple):
    """What was said at a moment, and how long it really took from then."""

    stage: str
    share: float
    said: Range
    true: float


# Seconds that a stage takes up to a share of its work, for a guess of so many seconds.
Work = Callable[[float, float], float]


def replay(work: Work, guessed: dict[str, float] = GUESSED, steps: int = 40) -> Iterator[Told]:
    """Yield what is said at every step of a run whose stages work so."""
    now = Clock()
    remaining = RemainingTime(guessed, now)
    end = now() + sum(work(guess, 1.0) for guess in guessed.values())
    yield Told("", 0.0, remaining.range(), end - now())
    for stage, guess in guessed.items():
        began = now()
        remaining.start(stage)
        for step in range(1, steps):
            share = step / steps
            now.time = began + work(guess, share)
            yield Told(stage, share, remaining.range(), end - now())  # just before it is told
            remaining.progress(share)
            yield Told(stage, share, remaining.range(), end - now())
        now.time = began + work(guess, 1.0)
        remaining.end(now() - began)


def steady(times: float, start: float = 0.0) -> Work:
    """Return a machine so many times slower than guessed, which needs a while to start."""
    return lambda guess, share: start + times * guess * share


def changing(first: float, then: float) -> Work:
    """Return a machine whose speed changes in the middle of every stage."""

    def work(guess: float, share: float) -> float:
        return guess * (first * min(share, 0.5) + then * max(0.0, share - 0.5))

    return work


def recorded(rows: list[Row], clock_of: Callable[[float], float]) -> Iterator[Told]:
    """Yield what is said at every event of a recorded run, on another clock."""
    stages = [stage for _, event, stage, _ in rows if event == "start"]
    work = {stage: 2 if stage == "translation" else 1 for stage in stages}
    now = Clock()
    guessed = {one: 1.0 + USUAL_PACE[one] * FILM_MINUTES * work[one] for one in stages}
    remaining = RemainingTime(guessed, now)
    began = end = 0.0
    for second, event, stage, value in rows:
        now.time = clock_of(second)
        if event == "start":
            began = now.time
            remaining.start(stage)
        elif event == "progress":
            assert value is not None
            remaining.progress(value)
        else:
            remaining.end(now.time - began if value is not None else None)
        end = clock_of(rows[-1][0])
        yield Told(stage, value or 0.0, remaining.range(), end - now.time)


def ratio(said: Range) -> float:
    """Return how wide a range is."""
    return said.high / max(said.low, 1e-9)


def contains(told: Told, tolerance: float = 1e-6) -> bool:
    """Return whether the truth lies in what was said, but for some seconds."""
    return told.said.low - tolerance <= told.true <= told.said.high + tolerance


@pytest.mark.parametrize("start", [0.0, 1.0])
@pytest.mark.parametrize("times", [0.55, 1.0, 2.0, 3.5])
def test_what_is_said_contains_the_truth_from_the_plan_to_the_end(
    times: float, start: float
) -> None:
    assert [one for one in replay(steady(times, start)) if not contains(one)] == []


@pytest.mark.parametrize("times", [0.1, 6.0, 9.0, 30.0])
def test_a_pace_that_nobody_foresaw_is_followed_from_the_first_seconds(times: float) -> None:
    whole = sum(GUESSED.values())
    plan, *told = replay(steady(times))
    missed = [one for one in told if not contains(one)]
    assert all(plan.true - one.true <= 0.1 * times * whole for one in missed)
    # Until it holds the range is wider than the plan's.
    assert all(ratio(one.said) > ratio(plan.said) for one in missed[1:])


@pytest.mark.parametrize(("first", "then"), [(1.5, 0.7), (0.8, 1.6), (6.0, 0.5), (0.3, 4.0)])
def test_a_machine_that_changes_widens_the_range_until_it_holds(first: float, then: float) -> None:
    told = [one for one in replay(changing(first, then)) if one.stage == "asr"]
    *_, middle = (one for one in told if one.share <= 0.5)
    later = [one for one in told if one.share > 0.5]
    missed = [one for one in later if not contains(one)]
    assert all(one.share < 0.75 for one in missed)
    assert any(ratio(one.said) > ratio(middle.said) for one in later[:8])


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("times", [0.5, 1.0, 2.0, 3.0])
def test_recorded_runs_are_foreseen_on_slower_and_faster_machines(name: str, times: float) -> None:
    told = list(recorded(RUNS[name], lambda second: times * second))
    missed = [one for one in told if not contains(one, 0.5)]
    assert len(missed) <= len(told) // 10 and contains(told[0])


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("where", [0.3, 0.6])
def test_a_recorded_run_that_stalls_widens_the_range(name: str, where: float) -> None:
    start, end = RUNS[name][0][0], RUNS[name][-1][0]
    middle = start + where * (end - start)
    stalled = recorded(RUNS[name], lambda second: second + 60.0 * (second > middle))
    before, after = [], []
    for one, (second, *_) in zip(stalled, RUNS[name], strict=True):
        (after if second > middle else before).append(one)
    assert after[0].said.high > before[-1].said.high
    assert sum(contains(one, 1.0) for one in after) >= 0.7 * len(after)


def test_work_that_stands_still_is_expected_to_take_ever_longer() -> None:
    now = Clock()
    remaining = RemainingTime({"asr": 100.0, "mux": 5.0}, now)
    remaining.start("asr")
    for share in (0.1, 0.2, 0.3):
        now.time += 10.0
        remaining.progress(share)
    said = []
    for _ in range(20):
        said.append(remaining.range())
        now.time += 30.0
    assert all(one.high < after.high for one, after in zip(said, said[1:], strict=False))
    assert said[-1].high - said[-1].low > 5 * (said[0].high - said[0].low)
    # It went on after ten minutes: what was said then was true.
    assert said[-1].low <= 75.0 <= said[-1].high


def test_a_stage_that_tells_nothing_may_take_as_long_again() -> None:
    now = Clock()
    remaining = RemainingTime({"asr": 14.0}, now)
    remaining.start("asr")
    now.time += 500.0
    assert remaining.range() == Range(0.0, 0.0, 500.0)
    assert remaining.describe() == "0:00 to 8:20"


def test_a_first_word_that_hardly_anything_is_done_foretells_no_month() -> None:
    now = Clock()
    remaining = RemainingTime({"demux": 5.0, "asr": 100.0}, now)
    before = remaining.range()
    remaining.start("demux")
    now.time += 1.4
    remaining.progress(0.000_004)
    assert remaining.range().high <= 1.5 * before.high
    assert remaining.range().likely <= 1.5 * before.likely
    now.time += 0.1
    remaining.progress(0.94)
    assert remaining.range().high < before.high


def test_a_range_is_said_while_little_is_known_and_one_time_afterwards() -> None:
    now = Clock()
    remaining = RemainingTime({"asr": 75.0}, now)
    assert remaining.describe() == "0:30 to 5:00"
    remaining.start("asr")
    for second in range(1, 61):
        now.time += 1.0
        remaining.progress(second / 80)
        if second == 8:
            assert remaining.describe() == "0:44 to 1:58"
    assert remaining.describe() == "about 0:20"


@example({"mux": 1.0}, [("start", "mux"), ("progress", 2.0)])
@given(st.dictionaries(st.sampled_from(STAGE_ORDER), st.floats(0, 1e5)), ACTIONS)
def test_the_remaining_time_is_never_negative(
    expected: dict[str, float], actions: list[tuple[str, object]]
) -> None:
    now = Clock()
    remaining = RemainingTime(expected, now)
    for action, value in actions:
        getattr(remaining, action)(value)
        said = remaining.range()
        assert 0 <= said.low <= said.likely <= said.high and remaining.describe()
        now.time += 7.0


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
    now = Clock()
    remaining = RemainingTime({"asr": 6000.0}, now)
    remaining.start("asr")
    now.time += 0.02
    remaining.progress(0.5)
    assert remaining.seconds() == pytest.approx(0.02)
    remaining.progress(1.0)
    assert remaining.seconds() == 0


def test_nothing_is_left_when_all_is_done_and_skipped_stages_are_forgotten() -> None:
    remaining = RemainingTime({"demux": 9.0, "tmdb": 1.0, "asr": 60.0})
    remaining.start("asr")
    remaining.end(1.0)
    assert remaining.range() == (0, 0, 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (7500, "2:05:00")],
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert clock(seconds) == text
