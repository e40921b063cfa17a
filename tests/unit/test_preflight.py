#!/usr/bin/env python3
"""Tests of shared/pipeline/preflight.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.config import load_config
from shared.core.errors import InputError, UnavailableError
from shared.environment_manager import EnvironmentManager
from shared.pipeline.job import Job, load_job
from shared.pipeline.preflight import FREE_RESERVE, MIB, bytes_needed, check_before_run

COMMON_STAGES = ["demux", "tmdb", "glossary_load"]


def check(
    job_dir: Path,
    job: Job | None = None,
    stages: list[str] | None = None,
    environments: EnvironmentManager | None = None,
) -> None:
    """Run the checks on a job, on this checkout's environments if no others are given."""
    check_before_run(
        job_dir,
        job or load_job(job_dir),
        stages or COMMON_STAGES,
        load_config(job_dir),
        environments or EnvironmentManager(),
    )


def test_a_job_that_can_run_passes_and_stays_as_it_is(job_dir: Path) -> None:
    before = sorted(job_dir.rglob("*"))
    check(job_dir)
    assert sorted(job_dir.rglob("*")) == before


def test_a_missing_environment_is_named_with_the_command(job_dir: Path, tmp_path: Path) -> None:
    empty = EnvironmentManager(tmp_path, profile="cpu")
    with pytest.raises(UnavailableError, match="The environment 'common' is missing") as caught:
        check(job_dir, environments=empty)
    assert caught.value.hint == "./bootstrap.sh --env common"


def test_an_environment_set_up_half_is_named(job_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "venv" / "common" / "bin").mkdir(parents=True)
    half = EnvironmentManager(tmp_path, profile="cpu")
    with pytest.raises(UnavailableError, match="'common' is broken: its set-up was not finished"):
        check(job_dir, environments=half)


def test_missing_ffmpeg_is_named(job_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnavailableError, match="ffmpeg is not installed") as caught:
        check(job_dir)
    assert caught.value.hint == "./bootstrap.sh"


def test_a_film_that_is_gone_is_named(job_dir: Path, tmp_path: Path) -> None:
    job = load_job(job_dir)
    job.media.path = str(tmp_path / "gone.mkv")
    with pytest.raises(InputError, match="The film is not there any more: .*gone.mkv"):
        check(job_dir, job)


def test_too_little_disk_space_is_told_with_both_figures(job_dir: Path) -> None:
    job = load_job(job_dir)
    job.media.size = 10**18
    with pytest.raises(UnavailableError, match=r"\d{9,} MiB needed, \d+ MiB free"):
        check(job_dir, job, [*COMMON_STAGES, "mux"])
    check(job_dir, job)


def test_space_is_needed_for_what_runs(job_dir: Path) -> None:
    job = load_job(job_dir)
    assert bytes_needed(job, ["asr"]) == FREE_RESERVE == 64 * MIB
    assert bytes_needed(job, ["demux"]) == FREE_RESERVE + int(job.duration * 32_000)
    assert bytes_needed(job, ["mux"]) == FREE_RESERVE + job.media.size
