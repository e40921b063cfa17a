#!/usr/bin/env python3
"""Tests of METRICS_FILE: real runs, counted, and agreeing with log, events, records, trace."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.pipeline.job.checkpoint import CheckpointManager
from shared.report.facts import read_facts
from shared.report.stages import stage_rows
from tests.support.commands import run_script, start_command
from tests.support.jobs import make_job
from tests.support.trace_receiver import trace_receiver

STAGES = ("demux", "tmdb", "glossary_load")
LOGGED = re.compile(r"\] (\w+): (?:done|skipped) .*\bseconds=([\d.]+)")


def samples(path: Path) -> dict[tuple[str, str], float]:
    """Return values by name and labels, as Prometheus reads them."""
    families = text_string_to_metric_families(path.read_text(encoding="utf-8"))
    return {
        (sample.name, ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runs of a test count."""
    path = tmp_path / "collector" / "film.prom"
    monkeypatch.setenv("CP_METRICS_FILE", str(path))
    return path


def test_durations_agree_in_log_events_records_trace_and_page(
    job_dir: Path, metrics: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trace_receiver() as receiver:
        monkeypatch.setenv("CP_TRACES_ENDPOINT", receiver.address)
        done = run_script("run-pipeline", "transcribe", job_dir, "--to", STAGES[-1])
    assert done.returncode == 0, done.stderr
    found = samples(metrics)
    (log,) = (job_dir / "logs").glob("99_pipeline_*.log")
    logged = {stage: float(seconds) for stage, seconds in LOGGED.findall(log.read_text())}
    events = [json.loads(line) for line in (job_dir / "events.jsonl").read_text().splitlines()]
    ended = {e["stage"]: e["seconds"] for e in events if e["event"] == "end"}
    shown = {row.stage: row.seconds for row in stage_rows(read_facts(job_dir))}
    assert set(logged) == set(ended) == set(STAGES)
    for stage in STAGES:
        record = CheckpointManager(job_dir).load_record(stage)
        assert record is not None
        counted = found["pipeline_stage_duration_seconds_sum", f"stage={stage}"]
        on_page = shown[stage] if record.status == "done" else record.seconds
        span = receiver.named(f"{stage}-stage")
        spanned = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
        for other in (logged[stage], ended[stage], record.seconds, on_page, spanned):
            assert counted == pytest.approx(other, rel=0.01)
        used = found["pipeline_stage_cpu_seconds_total", f"stage={stage}"]
        assert used == pytest.approx(record.cpu_seconds) and used > 0
        memory = found["pipeline_stage_peak_memory_bytes", f"stage={stage}"]
        assert memory == pytest.approx(record.peak_memory_mb * 2**20)
    assert found["pipeline_runs_completed_total", "status=success,workflow=transcribe"] == 1
    assert found["pipeline_stages_completed_total", "stage=tmdb,status=skipped"] == 1


def test_jobs_at_once_are_all_counted(film: Path, output_root: Path, metrics: Path) -> None:
    jobs = [make_job(film) for _ in range(3)]
    command = ("./run-pipeline.sh", "transcribe")
    runs = [start_command(*command, str(job), "--only", "demux") for job in jobs]
    assert [run.wait() for run in runs] == [0] * 3
    found = samples(metrics)
    ways = ("success", "cached")
    ended = [
        found.get(("pipeline_stages_completed_total", f"stage=demux,status={way}"), 0.0)
        for way in ways
    ]
    assert sum(ended) == 3
    assert found["pipeline_runs_completed_total", "status=success,workflow=transcribe"] == 3


def test_a_second_run_that_does_nothing_counts_nothing(finished_job: Path, metrics: Path) -> None:
    done = run_script("run-pipeline", "transcribe", finished_job, "--to", STAGES[-1])
    assert done.returncode == 0, done.stderr
    assert not metrics.exists()


def test_a_run_that_cannot_begin_is_a_failed_one(job_dir: Path, metrics: Path, film: Path) -> None:
    film.rename(film.with_name("gone.mkv"))
    done = run_script("run-pipeline", "transcribe", job_dir, "--to", STAGES[-1])
    film.with_name("gone.mkv").rename(film)
    assert done.returncode == 2, done.stderr
    found = samples(metrics)
    assert found["pipeline_runs_completed_total", "status=failed,workflow=transcribe"] == 1


@pytest.mark.parametrize("trouble", ["another program's", "a folder that cannot be made", "a pipe"])
def test_metrics_that_cannot_be_written_cost_a_line(
    job_dir: Path, metrics: Path, trouble: str
) -> None:
    if trouble == "another program's":
        metrics.parent.mkdir()
        metrics.write_text("backup_age_seconds 7\n")
    elif trouble == "a pipe":
        metrics.parent.mkdir()
        subprocess.run(["mkfifo", str(metrics)], check=True)
    else:
        metrics.parent.write_text("in the way")
    done = run_script("run-pipeline", "transcribe", job_dir, "--only", "demux")
    assert done.returncode == 0
    told = [line for line in done.stderr.splitlines() if line.startswith("warning: No metrics")]
    assert len(told) == 1 and str(metrics.parent) in told[0]
