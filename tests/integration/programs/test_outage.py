#!/usr/bin/env python3
"""Tests that an outage is no result: told, tried again by the next run, in no cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.pipeline.cache.cache import ResultCache
from shared.pipeline.job.checkpoint import CheckpointManager
from tests.support.checkpoints import make_checkpoint
from tests.support.commands import Finished, run_script
from tests.support.web import Database, serve

OUTAGE = "The film goes on without TMDB: TMDB did not answer within 1 s."


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    """A film database that hangs, as the configuration names it once it is served."""
    monkeypatch.setenv("TMDB_API_KEY", "0123456789abcdef")
    monkeypatch.setenv("CP_TMDB_TIMEOUT_SECONDS", "1")
    monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "3600")
    return Database(always="hang")


def run(job_dir: Path, *options: str) -> Finished:
    """Run the job up to glossary_load."""
    done = run_script("run-pipeline", "transcribe", job_dir, "--to", "glossary_load", *options)
    assert done.returncode == 0, done.stderr
    return done


def started(job_dir: Path) -> list[str]:
    """Return which stages were started, in all runs."""
    events = [json.loads(line) for line in (job_dir / "events.jsonl").read_text().splitlines()]
    return [event["stage"] for event in events if event["event"] == "start"]


def test_the_next_run_asks_again_and_the_one_after_that_does_not(
    job_dir: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(database) as address:
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        first = run(job_dir)
        assert OUTAGE in first.stderr
        assert started(job_dir) == ["demux", "tmdb", "glossary_load"]
        (told,) = [s for s in planned(job_dir) if s["stage"] == "tmdb"]
        assert (told["action"], told["reason"]) == ("run", f"tried again; last time: {OUTAGE}")
        assert (
            f"an outage: {OUTAGE[:20]}" in run_script("run-pipeline", "why", "tmdb", job_dir).stdout
        )

        database.always = ""
        second = run(job_dir)  # the circuit is open: nobody is asked, nothing else is done
        assert "is not asked before" in second.stderr
        assert started(job_dir)[3:] == ["tmdb"] and len(database.asked) == 1

        monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "0.01")
        monkeypatch.setenv("CP_TMDB_TIMEOUT_SECONDS", "60")
        run(job_dir)
        assert started(job_dir)[4:] == ["tmdb", "glossary_load"]
        record = CheckpointManager(job_dir).load_record("tmdb")
        assert record is not None and (record.status, record.outages) == ("done", [])
        run(job_dir)
        assert len(started(job_dir)) == 6


def planned(job_dir: Path) -> list[dict[str, str]]:
    """Return the steps of the plan."""
    plan, _ = run(job_dir, "--dry-run", "--json").stdout.splitlines()
    steps: list[dict[str, str]] = json.loads(plan)["steps"]
    return steps


def test_a_refused_key_is_tried_again_when_it_was_mended(
    job_dir: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.always = "401"
    monkeypatch.setenv("CP_TMDB_TIMEOUT_SECONDS", "60")
    with serve(database) as address:
        monkeypatch.setenv("CP_TMDB_BASE_URL", address)
        run(job_dir)
        database.always = ""
        run(job_dir)
    record = CheckpointManager(job_dir).load_record("tmdb")
    assert record is not None and record.status == "done"


def test_a_result_with_an_outage_is_not_kept_in_the_cache(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache", 1 << 20, 1000.0)
    (tmp_path / "made").mkdir()
    cache.store(make_checkpoint("translation", outages=["no service"]), tmp_path / "made")
    assert cache.entries() == []
    cache.store(make_checkpoint("translation"), tmp_path / "made")
    assert len(cache.entries()) == 1
