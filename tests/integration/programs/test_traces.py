#!/usr/bin/env python3
"""Tests of TRACES_ENDPOINT: real runs, told to a receiver on loopback, or to none that answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.core.configuration.trace_context import TraceContext
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.job import load_job
from tests.support.commands import Finished, run_script
from tests.support.trace_receiver import Received, trace_receiver
from tests.support.web import film_database

STAGES = ("demux", "tmdb", "glossary_load")
# The traceparent of somebody else's trace, as the W3C's specification has it.
OUTER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def run_job(job_dir: Path, *options: str) -> Finished:
    """Run the first stages of a job."""
    done = run_script("run-pipeline", "transcribe", job_dir, "--to", STAGES[-1], *options)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    """A receiver to which the runs of a test are told."""
    with trace_receiver() as received:
        monkeypatch.setenv("CP_TRACES_ENDPOINT", received.address)
        yield received


def told(done: Finished) -> list[str]:
    """Return what a run says about traces."""
    return [line for line in done.stderr.splitlines() if line.startswith("warning: No traces")]


def test_a_job_is_one_trace_with_the_ids_of_logs_and_events(
    job_dir: Path, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_LOG_FORMAT", "json")
    run_job(job_dir)
    trace = TraceContext.of_job(load_job(job_dir).job_id).trace_id
    run = receiver.named("transcribe")
    assert receiver.services == {"cp-whisperx"}
    assert {span.trace_id.hex() for span in receiver.spans} == {trace}
    assert run.parent_span_id == b""
    for stage in STAGES:
        span = receiver.named(f"{stage}-stage")
        assert span.parent_span_id == run.span_id
        seconds = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
        record = CheckpointManager(job_dir).load_record(stage)
        assert record is not None and seconds == pytest.approx(record.seconds, rel=0.01)
        assert run.start_time_unix_nano <= span.start_time_unix_nano
        assert span.end_time_unix_nano <= run.end_time_unix_nano
        (log,) = (job_dir / "logs").glob(f"*_{stage}.log")
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        assert lines
        ids = {(line["trace_id"], line["span_id"]) for line in lines}
        assert ids == {(trace, span.span_id.hex())}
    events = [json.loads(line) for line in (job_dir / "events.jsonl").read_text().splitlines()]
    assert {e["trace_id"] for e in events if e["event"] == "run"} == {trace}


def test_a_second_run_goes_on_in_the_same_trace(job_dir: Path, receiver: Received) -> None:
    run_job(job_dir)
    first = {span.span_id for span in receiver.spans}
    run_job(job_dir, "--force", "demux")
    assert len({span.trace_id for span in receiver.spans}) == 1
    assert len({span.span_id for span in receiver.spans}) == len(receiver.spans) > len(first)


def test_who_starts_a_run_in_a_trace_has_it_there(
    job_dir: Path, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", OUTER)
    run_job(job_dir)
    assert {span.trace_id.hex() for span in receiver.spans} == {OUTER.split("-")[1]}
    assert receiver.named("transcribe").parent_span_id.hex() == OUTER.split("-")[2]


def test_calls_of_a_service_are_spans_of_their_stage(
    job_dir: Path, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_TMDB_ENABLED", "true")
    monkeypatch.setenv("TMDB_API_KEY", "hush-this-key")
    with film_database() as address:
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        run_job(job_dir)
    stage = receiver.named("tmdb-stage")
    calls = [span for span in receiver.spans if span.name == "TMDB"]
    assert calls and {span.parent_span_id for span in calls} == {stage.span_id}
    assert all(
        stage.start_time_unix_nano <= span.start_time_unix_nano <= stage.end_time_unix_nano
        for span in calls
    )
    assert "hush-this-key" not in str(receiver.spans)


def test_the_variable_of_opentelemetry_is_enough(
    job_dir: Path, receiver: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CP_TRACES_ENDPOINT")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.address + "/")
    run_job(job_dir)
    assert receiver.named("demux-stage")


def test_without_an_address_nothing_is_sent(job_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with trace_receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.address)
        monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
        done = run_job(job_dir)
    assert received.requests == 0 and told(done) == []


def test_a_receiver_that_is_away_costs_a_line(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_TRACES_ENDPOINT", "http://me:secret-word@127.0.0.1:9")
    done = run_job(job_dir)
    assert len(told(done)) == 1
    assert "secret-word" not in done.stderr + (job_dir / "events.jsonl").read_text()


@pytest.mark.parametrize("status", [404, 500])
def test_a_receiver_that_refuses_costs_a_line(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with trace_receiver(status=status) as received:
        monkeypatch.setenv("CP_TRACES_ENDPOINT", received.address)
        done = run_job(job_dir)
    assert len(told(done)) == 1 and received.requests >= 1


def test_a_receiver_that_hangs_is_waited_for_once(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trace_receiver(hangs=True) as received:
        monkeypatch.setenv("CP_TRACES_ENDPOINT", received.address)
        first = run_job(job_dir)
        asked = received.requests
        again = run_job(job_dir, "--force", "glossary_load")
    assert "did not answer" in told(first)[0] and "is not asked" in told(again)[0]
    assert received.requests == asked
