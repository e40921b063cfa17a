#!/usr/bin/env python3
"""Tests of shared/observability/metrics/tally.py: events of runs, counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from shared.observability.metrics.instruments import Instruments
from shared.observability.metrics.tally import MOST_NAMES, Tally

RUN = {"event": "run", "workflow": "subtitle", "media_seconds": 120.0}
SUMMARY = {"speech_seconds": 50.0, "quarantined_seconds": 2.5, "without_text_seconds": 4.0}
DONE: dict[str, Any] = {
    "event": "end",
    "stage": "asr",
    "status": "done",
    "seconds": 40.0,
    "cpu_seconds": 70.0,
    "peak_memory_mb": 512.0,
    "reused_from": "",
    "summary": SUMMARY,
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
KINDS = ("run", "ran", "end", "interrupted", "rung", "retry", "service", "ready", "other")
FIELDS = (*DONE, "exit_code", "workflow", "media_seconds", "service", "outcome", "rung", "time")


def counted(*events: dict[str, Any]) -> Instruments:
    """Return what some events count."""
    instruments = Instruments()
    tally = Tally(instruments)
    for event in events:
        tally.count(event)
    return instruments


def value(instruments: Instruments, name: str, **labels: str) -> float | None:
    """Return a sample's value, None where there is none."""
    return instruments.registry.get_sample_value(f"pipeline_{name}", labels)


def test_a_stage_that_is_done() -> None:
    found = counted(RUN, DONE)
    assert value(found, "stages_completed_total", stage="asr", status="success") == 1
    assert value(found, "stage_duration_seconds_sum", stage="asr") == 40.0
    assert value(found, "stage_duration_seconds_bucket", stage="asr", le="30.0") == 0
    assert value(found, "stage_duration_seconds_bucket", stage="asr", le="60.0") == 1
    assert value(found, "stage_cpu_seconds_total", stage="asr") == 70.0
    assert value(found, "stage_peak_memory_bytes", stage="asr") == 512 * 1024 * 1024
    assert value(found, "stage_media_seconds_per_second", stage="asr") == 3.0
    assert value(found, "quarantined_seconds_total") == 2.5
    assert value(found, "uncovered_seconds_total") == 4.0
    assert value(found, "speech_seconds_total") == 50.0


def test_work_taken_from_the_cache_is_no_work() -> None:
    found = counted(RUN, DONE | {"reused_from": "job 7"})
    assert value(found, "cache_hits_total", stage="asr") == 1
    assert value(found, "stages_completed_total", stage="asr", status="cached") == 1
    assert value(found, "stage_duration_seconds_sum", stage="asr") is None
    assert value(found, "uncovered_seconds_total") == 0


def test_what_went_wrong() -> None:
    found = counted(
        RUN,
        {"event": "rung", "stage": "asr", "rung": "batch 8", "reason": "memory"},
        # What a stage tells of its ladder, which is no fallback.
        {"event": "rung", "stage": "asr", "index": 1, "last": 3, "label": "batch 4"},
        {"event": "retry", "stage": "asr", "attempt": 1},
        {"event": "service", "service": "TMDB", "outcome": "failure", "seconds": 3.0},
        {"event": "service", "service": "TMDB", "outcome": "refused", "seconds": 0.0},
        {"event": "interrupted", "stage": "asr"},
        {"event": "ran", "exit_code": 130, "seconds": 5.0, "time": 1e9},
    )
    assert value(found, "fallbacks_total", stage="asr", rung="batch 8") == 1
    assert value(found, "retries_total", stage="asr") == 1
    assert value(found, "service_calls_total", service="TMDB", outcome="failure") == 1
    assert value(found, "service_calls_total", service="TMDB", outcome="refused") == 1
    assert value(found, "service_call_duration_seconds_count", service="TMDB") == 1
    assert value(found, "stages_completed_total", stage="asr", status="interrupted") == 1
    assert value(found, "runs_completed_total", workflow="subtitle", status="interrupted") == 1
    assert value(found, "last_run_timestamp_seconds", status="interrupted") == 1e9


@pytest.mark.parametrize(("code", "status"), [(0, "success"), (4, "failed"), (None, "failed")])
def test_how_a_run_ended(code: int | None, status: str) -> None:
    found = counted(RUN, {"event": "ran", "exit_code": code, "seconds": 2.0})
    assert value(found, "runs_completed_total", workflow="subtitle", status=status) == 1


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_event_can_break_a_count(kind: str, facts: dict[str, Any]) -> None:
    found = counted(RUN, {**DONE, **facts, "event": kind})
    for family in found.registry.collect():
        assert all(sample.value >= 0 for sample in family.samples)


@pytest.mark.parametrize(
    "facts",
    [{"seconds": 10**400}, {"workflow": "\ud800", "event": "run"}, {"service": "a\udfff\n"}],
    ids=["no float", "half a character", "half a name"],
)
def test_what_no_metric_can_hold_is_shown_all_the_same(facts: dict[str, Any]) -> None:
    called = {"event": "service", "outcome": "success"} if "service" in facts else DONE
    found = counted({**called, **facts}, {"event": "ran", "exit_code": 0})
    assert b"pipeline_runs_completed_total" in generate_latest(found.registry)


def test_names_from_elsewhere_make_no_endless_list() -> None:
    calls = [
        {"event": "service", "service": f"s{n}", "outcome": "success", "seconds": 1.0}
        for n in range(500)
    ]
    (family,) = [f for f in counted(*calls).registry.collect() if "service_calls" in f.name]
    totals = [sample for sample in family.samples if sample.name.endswith("_total")]
    assert len(totals) <= MOST_NAMES + 1
    assert sum(sample.value for sample in totals) == 500
