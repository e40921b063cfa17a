#!/usr/bin/env python3
"""Tests of the stage tmdb with a service that hangs, breaks and drips: it is waited for once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.media_job import log_of, make_job, run_stage
from tests.support.web import Database, serve

KEY = "0123456789secretkey0123456789abc"


def job(folder: Path, film: Path, address: str, **config: str) -> Path:
    """Return a job that asks the service at an address."""
    settings = {"TMDB_BASE_URL": address, "TMDB_ATTEMPTS": "1"} | config
    return make_job(folder, film, title="Sholay", year=1975, **settings)


def test_ten_films_with_a_service_that_hangs_wait_once(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    settings = {"TMDB_ATTEMPTS": "3", "TMDB_TIMEOUT_SECONDS": "2"}
    database = Database(always="hang")
    with serve(database) as address:
        jobs = [job(tmp_path / str(n), film, address, **settings) for n in range(10)]
        results = [run_stage(job_dir, "tmdb") for job_dir in jobs]
        assert len(database.asked) == 1
        first, *others = results
        assert first.reason == "TMDB did not answer within 2 s"
        assert all("not asked before" in result.reason for result in others)
        assert all(result.outages and result.warnings for result in results)
        assert all(
            result.warnings[0] in log_of(job, "tmdb")
            for job, result in zip(jobs, results, strict=True)
        )
        database.always = ""
        monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "0.1")
        last = job(tmp_path / "last", film, address, **settings | {"TMDB_TIMEOUT_SECONDS": "60"})
        again = run_stage(last, "tmdb")
    assert (again.status, again.outages, again.summary["tmdb_id"]) == ("done", [], 7)


@pytest.mark.parametrize(
    ("fault", "asked"),
    [("reset", 3), ("truncated", 3), ("503", 3), ("429 0", 3), ("429 3600", 1), ("drip", 1)]
    + [("hang", 1), ("long", 1), ("403", 1)],
)
def test_every_fault_is_an_outage_and_only_what_may_pass_is_asked_again(
    film: Path, tmp_path: Path, fault: str, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    seconds = "0.5" if fault in {"drip", "hang"} else "60"
    settings = {"TMDB_ATTEMPTS": "3", "TMDB_TIMEOUT_SECONDS": seconds}
    database = Database(always=fault)
    with serve(database) as address:
        result = run_stage(job(tmp_path, film, address, **settings), "tmdb")
    assert (result.status, result.exit_code, len(database.asked)) == ("skipped", 0, asked)
    assert result.outages and "The film goes on without TMDB: TMDB " in result.outages[0]


def test_two_faults_that_pass_cost_nothing_but_time(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    settings = {"TMDB_ATTEMPTS": "3", "TMDB_TIMEOUT_SECONDS": "60"}
    with serve(Database(["reset", "truncated"])) as address:
        result = run_stage(job(tmp_path, film, address, **settings), "tmdb")
    assert (result.status, result.outages) == ("done", [])
