#!/usr/bin/env python3
"""Tests of the stage tmdb in a process of its own, against an HTTP server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.transcript.records.enrichment import Enrichment
from tests.support.media import silence
from tests.support.media_job import log_of, make_job, output, run_stage
from tests.support.tmdb_service import FILM, FOUND, KEY, Service, tmdb_service


@pytest.fixture
def service() -> Iterator[Service]:
    """A service without answers yet."""
    with tmdb_service() as made:
        yield made


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A sound that can be prepared."""
    return silence(tmp_path / "film.wav")


def tmdb_job(tmp_path: Path, film: Path, service: Service, **config: str) -> Path:
    """Return a job that asks this service."""
    settings = {"TMDB_BASE_URL": service.address, "TMDB_ATTEMPTS": "1"} | config
    return make_job(tmp_path, film, title="Sholay", year=1975, **settings)


def test_what_is_found_is_written(
    film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    service.say(200, FOUND)
    service.say(200, FILM)
    job_dir = tmdb_job(tmp_path, film, service, LOG_LEVEL="DEBUG", DEBUG="true")
    result = run_stage(job_dir, "tmdb")
    assert (result.status, result.summary) == ("done", {"tmdb_id": 7, "cast": 2})
    text = output(job_dir, "tmdb", "enrichment.json").read_text(encoding="utf-8")
    assert Enrichment.model_validate_json(text).original_title == "शोले"
    files = [path for path in job_dir.rglob("*") if path.is_file()]
    assert len(files) >= 4
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_a_refused_key_is_a_warning_and_the_film_goes_on(
    film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    service.say(401, {"status_message": f"bad key {KEY}"})
    job_dir = tmdb_job(tmp_path, film, service, LOG_LEVEL="DEBUG", DEBUG="true")
    result = run_stage(job_dir, "tmdb")
    assert (result.status, result.exit_code) == ("skipped", 0)
    assert result.reason == "TMDB refused the key (401)"
    assert "TMDB_API_KEY" in result.warnings[0]
    assert KEY not in log_of(job_dir, "tmdb")


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines", "two\tcells"])
def test_a_malformed_key_is_a_warning_and_the_film_goes_on(
    film: Path,
    tmp_path: Path,
    service: Service,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", key)
    result = run_stage(tmdb_job(tmp_path, film, service), "tmdb")
    assert (result.status, result.exit_code, service.asked) == ("skipped", 0, [])
    assert "TMDB_API_KEY holds a character that no key has" in result.warnings[0]
    assert result.outages == result.warnings


def test_an_unknown_film_is_skipped(
    film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    service.say(200, {"results": []})
    result = run_stage(tmdb_job(tmp_path, film, service), "tmdb")
    assert result.reason == "TMDB knows no film 'Sholay' of 1975"
    assert (result.status, result.warnings) == ("skipped", [])


def test_switched_off_nobody_is_asked(
    film: Path, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    result = run_stage(tmdb_job(tmp_path, film, service, TMDB_ENABLED="false"), "tmdb")
    assert (result.status, result.reason) == ("skipped", "switched off (TMDB_ENABLED=false)")
    assert service.asked == []
