#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/budgets.py."""

from __future__ import annotations

import pytest

from shared.pipeline.plan.budgets import (
    PERFORMANCE_BUDGETS,
    Work,
    over_budget,
    stage_timeout,
    time_budget,
)


def test_a_timeout_grows_with_the_film_from_a_minimum() -> None:
    assert stage_timeout("asr", media_seconds=7200, factor=30, minimum=1800) == 60 * 120 * 30
    assert stage_timeout("asr", media_seconds=1, factor=30, minimum=1800) == 1800


def test_a_stage_that_nobody_budgeted_has_a_timeout_and_no_budget() -> None:
    assert stage_timeout("thirteenth", media_seconds=600, factor=2, minimum=1) == 2400
    assert stage_timeout("tmdb", media_seconds=600, factor=2, minimum=1) == 20
    assert stage_timeout("translation", media_seconds=600, factor=2, minimum=1) == 1200
    assert time_budget("thirteenth", Work(minutes=10)) is None
    assert over_budget("thirteenth", 1e9, 1e9, Work()) == []


def test_the_figures_are_those_of_the_standards() -> None:
    standards = {"demux": 10, "asr_cpu": 60, "asr_gpu": 10, "asr_mps": 20}
    standards |= {"translation": 5, "subtitle_generation": 3, "mux": 15}
    assert standards.items() <= PERFORMANCE_BUDGETS.items()


@pytest.mark.parametrize(
    ("stage", "work", "seconds"),
    [
        ("demux", Work(minutes=3), 30.0),
        ("demux", Work(minutes=0.1), 10.0),
        ("asr", Work(minutes=2, device="cpu"), 120.0),
        ("asr", Work(minutes=2, device="cuda:1"), 20.0),
        ("asr", Work(minutes=2, device="mps"), 40.0),
        ("asr", Work(minutes=2, device="auto"), 120.0),
        ("translation", Work(words=4000, languages=2, device="cuda"), 40.0),
        ("translation", Work(words=10, languages=0, device="mps"), 5.0),
        ("translation", Work(minutes=10, device="cpu"), 600.0),
    ],
)
def test_a_budget_follows_the_film_and_the_device(stage: str, work: Work, seconds: float) -> None:
    assert time_budget(stage, work) == seconds
    assert over_budget(stage, seconds, 0.0, work) == []
    assert over_budget(stage, seconds + 0.04, 0.0, work) == [], "3.0 s > 3.0 s tells nothing"
    (told,) = over_budget(stage, seconds + 0.1, 0.0, work)
    assert told.startswith(f"exceeded its time budget: {seconds + 0.1:.1f} s > {seconds:.1f} s")


def test_memory_has_a_budget_of_its_own() -> None:
    assert over_budget("mux", 1.0, 2048.0, Work()) == []
    assert over_budget("mux", 1.0, 2049.0, Work()) == [
        "exceeded its memory budget: 2049 MiB > 2048 MiB"
    ]
