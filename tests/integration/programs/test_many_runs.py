#!/usr/bin/env python3
"""Tests of several runs in one process, as a desk or a batch has them: nothing is shared."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from shared.core.errors import InterruptedRun
from shared.observability.progress import make_display
from shared.pipeline.plan.selection import Selection
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.run import run_job
from tests.support.commands import HANG_SECONDS, wait_until
from tests.support.web import film_database

FORCED = Selection(last="glossary_load", forced=("glossary_load",))


def second_job(job_dir: Path) -> Path:
    """Copy a finished job under the next number, with an id of its own; return it."""
    copy = job_dir.with_name("2")
    shutil.copytree(job_dir, copy)
    for path in [copy / "job.json", *(copy / ".checkpoints").glob("*.json*")]:
        path.write_text(path.read_text().replace("-tester-0001", "-tester-0002"))
    return copy


def run(job_dir: Path, selection: Selection = FORCED, stop: Stop | None = None) -> int:
    """Run a job here; return the exit code."""
    display = make_display(True)
    try:
        return run_job(job_dir, "transcribe", selection, display, stop=stop).exit_code
    finally:
        display.close()


def run_logs(job_dir: Path) -> list[str]:
    """Return the contents of the logs of a job's runs, in order."""
    return [path.read_text() for path in sorted((job_dir / "logs").glob("99_pipeline_*.log"))]


def test_runs_at_once_in_one_process_keep_their_logs_and_events_apart(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CP_LOG_FORMAT", "json")
    jobs = [finished_job, second_job(finished_job)]
    codes: dict[Path, int] = {}
    before = {job: len(run_logs(job)) for job in jobs}
    lines_before = {job: len((job / "events.jsonl").read_text().splitlines()) for job in jobs}
    threads = [
        threading.Thread(target=lambda job=job: codes.update({job: run(job)})) for job in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes.values()) == {0}
    for job in jobs:
        assert len(run_logs(job)) == before[job] + 1
        lines = [json.loads(line) for line in run_logs(job)[-1].splitlines()]
        job_id = json.loads((job / "job.json").read_text())["job_id"]
        assert {line["correlation_id"] for line in lines} == {job_id}
        assert sum("glossary_load: starts" in line["message"] for line in lines) == 1
        events = (job / "events.jsonl").read_text().splitlines()[lines_before[job] :]
        kinds = [json.loads(line)["event"] for line in events]
        assert kinds.count("start") == kinds.count("end") == 1


def test_runs_of_one_second_have_a_log_each(
    finished_job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(run_logs(finished_job))
    for _ in range(3):
        assert run(finished_job) == 0
    logs = run_logs(finished_job)[before:]
    assert len(logs) == 3 and all(log.count("glossary_load: starts") == 1 for log in logs)


def test_one_of_two_runs_is_stopped_and_the_other_goes_on(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = second_job(finished_job)
    (finished_job / ".checkpoints" / "tmdb.json").unlink()
    stop, caught = Stop(), []
    log = finished_job / "logs" / "02_tmdb.log"
    log.unlink()
    with film_database(answers=False) as address:
        variables = {"CP_TMDB_ENABLED": "true", "TMDB_API_KEY": "hush"}
        for name, value in (
            variables | {"CP_TMDB_BASE_URL": address, "CP_TMDB_TIMEOUT_SECONDS": "120"}
        ).items():
            monkeypatch.setenv(name, value)

        def work() -> None:
            try:
                run(finished_job, Selection(first="tmdb", last="tmdb"), stop)
            except BaseException as error:
                caught.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        wait_until(lambda: log.exists() and "TMDB: ask" in log.read_text(encoding="utf-8"))
        only = Selection(first="glossary_load", last="glossary_load", forced=("glossary_load",))
        assert run(other, only) == 0
        stop.ask("Stopped at the desk")
        thread.join(HANG_SECONDS)
        assert not thread.is_alive()
    assert [type(error) for error in caught] == [InterruptedRun]
    assert "tmdb: interrupted" in run_logs(finished_job)[-1]


def test_a_hundred_runs_leave_no_descriptor_and_no_thread(
    finished_job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(finished_job) == 0

    threads, descriptors = set(threading.enumerate()), len(os.listdir("/dev/fd"))
    for number in range(100):
        again = FORCED if number % 20 == 0 else Selection(last="glossary_load")
        assert run(finished_job, again) == 0
    # What earlier tests left in this process may have ended meanwhile.
    assert set(threading.enumerate()) <= threads
    assert len(os.listdir("/dev/fd")) <= descriptors
