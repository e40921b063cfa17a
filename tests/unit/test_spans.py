#!/usr/bin/env python3
"""Tests of shared/observability/traces/spans.py: events of a run as spans."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from shared.core.configuration.trace_context import TraceContext, parse_traceparent
from shared.observability.traces.spans import SpanMaker

RUN = {
    "event": "run",
    "time": 100.0,
    "job_id": "20261130-me-0001",
    "workflow": "subtitle",
    "media_seconds": 60.0,
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
    "span_id": "b7ad6b7169203331",
    "parent_id": "",
}
START = {"event": "start", "time": 101.0, "stage": "asr"}
END: dict[str, Any] = {
    "event": "end",
    "time": 111.5,
    "stage": "asr",
    "status": "done",
    "exit_code": 0,
    "began": 101.0,
    "seconds": 10.0,
    "cpu_seconds": 17.5,
    "span_id": "00000000000000aa",
    "summary": {"segments": 12, "sources": {"a": 1}},
}
RAN = {"event": "ran", "time": 112.0, "exit_code": 0, "began": 100.0, "seconds": 12.0}
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=4)
KINDS = ("start", "end", "interrupted", "rung", "retry", "service", "ready", "ran", "other")


def spans(*events: dict[str, Any]) -> list[ReadableSpan]:
    """Return the spans of a run."""
    return SpanMaker().make([RUN, *events])


def named(found: list[ReadableSpan], name: str) -> ReadableSpan:
    """Return the one span of a name."""
    (one,) = [span for span in found if span.name == name]
    return one


def seconds(span: ReadableSpan) -> float:
    """Return how long a span lasted."""
    assert span.start_time is not None and span.end_time is not None
    return (span.end_time - span.start_time) / 1e9


def parent(span: ReadableSpan) -> int:
    """Return the id of the span around one."""
    return span.parent.span_id if span.parent is not None else 0


def test_a_run_with_a_stage_and_its_model() -> None:
    ready = {"event": "ready", "time": 103.0, "stage": "asr", "model": True}
    found = spans(START, ready, END, RAN)
    run, stage = named(found, "subtitle"), named(found, "asr-stage")
    assert (seconds(run), seconds(stage)) == (12.0, 10.0)
    assert run.parent is None and parent(stage) == int(str(RUN["span_id"]), 16)
    assert stage.attributes == {
        "stage.name": "asr",
        "stage.status": "done",
        "stage.exit_code": 0,
        "stage.cpu_seconds": 17.5,
        "result.segments": 12,
    }
    assert seconds(named(found, "load-model")) == 2.0
    assert seconds(named(found, "inference")) == 8.0
    assert parent(named(found, "load-model")) == parent(named(found, "inference")) == 0xAA
    assert len({span.context.span_id for span in found}) == 4
    assert {span.status.status_code for span in found} == {StatusCode.OK}


@pytest.mark.parametrize(("stage", "has_model"), [("asr", False), ("demux", True)])
def test_no_model_is_said_to_be_loaded_where_there_is_none(stage: str, has_model: bool) -> None:
    ready = {"event": "ready", "time": 103.0, "stage": stage, "model": has_model}
    found = spans(START | {"stage": stage}, ready, END | {"stage": stage}, RAN)
    assert sorted(span.name for span in found) == [f"{stage}-stage", "subtitle"]


def test_what_failed_before_has_spans_of_its_own() -> None:
    rung = {"event": "rung", "time": 103.0, "stage": "asr", "rung": "batch 8", "reason": "memory"}
    rung |= {"began": 101.0, "seconds": 2.0, "span_id": "00000000000000a1"}
    retry = {"event": "retry", "time": 104.0, "stage": "asr", "reason": "stalled", "attempt": 2}
    retry |= {"began": 103.0, "seconds": 1.0, "span_id": "00000000000000a2"}
    told = {"event": "rung", "time": 102.0, "stage": "asr", "index": 0, "last": 2, "label": "x"}
    found = spans(START, told, rung, retry, END | {"began": 104.0, "seconds": 7.0}, RAN)
    attempts = [span for span in found if span.name == "asr-stage"]
    assert [seconds(span) for span in attempts] == [2.0, 1.0, 7.0]
    assert [span.status.description for span in attempts] == ["memory", "stalled", None]
    assert [span.context.span_id for span in attempts] == [0xA1, 0xA2, 0xAA]


def test_a_call_lies_in_the_attempt_that_made_it() -> None:
    call = {"event": "service", "stage": "tmdb", "service": "TMDB", "outcome": "failure"}
    call |= {"began": 101.5, "seconds": 0.5, "error": "ConnectionError", "time": 102.0}
    found = spans(START | {"stage": "tmdb"}, call, END | {"stage": "tmdb"}, RAN)
    span = named(found, "TMDB")
    assert parent(span) == 0xAA and seconds(span) == 0.5
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes is not None and span.attributes["call.error"] == "ConnectionError"


def test_a_stage_that_was_interrupted_ends_then() -> None:
    ended = {"event": "interrupted", "time": 104.0, "stage": "asr"}
    found = spans(START, ended, RAN | {"exit_code": 130})
    assert seconds(named(found, "asr-stage")) == 3.0
    assert named(found, "subtitle").status.status_code is StatusCode.ERROR


def test_without_ids_there_are_no_spans() -> None:
    assert SpanMaker().make([START, END, RAN]) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS), st.dictionaries(st.sampled_from([*END, "model"]), ANYTHING)
        ),
        max_size=6,
    )
)
def test_no_event_can_break_a_trace(events: list[tuple[str, dict[str, Any]]]) -> None:
    for span in spans(*({**facts, "event": kind} for kind, facts in events)):
        assert span.end_time is not None and span.start_time is not None
        assert span.end_time >= span.start_time


@pytest.mark.parametrize(
    "text",
    [
        *("", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\nx",
    ],
)
def test_what_is_no_traceparent_is_left_alone(text: str) -> None:
    assert parse_traceparent(text) is None


def test_a_traceparent_of_ours_and_of_a_later_version_is_read() -> None:
    run = TraceContext.of_job("job").child("run")
    assert parse_traceparent(run.traceparent) == TraceContext(run.trace_id, run.span_id)
    assert parse_traceparent(f"01-{run.trace_id}-{run.span_id}-01-more") is not None
    assert TraceContext.of_job("job") == TraceContext.of_job("job") != TraceContext.of_job("other")
    assert run.child("asr 1") != run.child("asr 2")
