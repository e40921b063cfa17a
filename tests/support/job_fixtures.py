#!/usr/bin/env python3
"""Fixtures: a clean configuration, an output folder, a short film and its job."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

import pytest

from shared.config import CONFIG_VARIABLE, OWN_VARIABLES, SECRET_NAMES, known_keys
from shared.core.configuration.place import STATE_VARIABLE
from shared.core.configuration.variables import PREFIX
from shared.logger import correlation_id
from tests.support.commands import run_script
from tests.support.jobs import copy_job, make_film, make_job
from tests.support.once import made_once

NAMES = {*known_keys(), *SECRET_NAMES, *OWN_VARIABLES - {CONFIG_VARIABLE}}
SETTINGS = NAMES | {PREFIX + name for name in NAMES}
NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def clean_configuration(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Keep the developer's own settings, secrets and proxies out, and jobs out of the project."""
    correlation_id.set(None)  # a StageIO of an earlier test has set its job's
    for name in SETTINGS & os.environ.keys():
        monkeypatch.delenv(name)
    folder = tmp_path_factory.getbasetemp() / f"job-test-{next(NUMBERS)}"
    if "tmp_path" in request.fixturenames:  # making one costs more than most tests
        folder = request.getfixturevalue("tmp_path")
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(folder / "out"))
    wanted = [name for mark in request.node.iter_markers("environments") for name in mark.args]
    if "batch" in wanted:  # batches of one user count each other: those of two tests must not
        monkeypatch.setenv(STATE_VARIABLE, str(folder / "state"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def output_root(tmp_path: Path) -> Path:
    """Where this test's jobs lie; made by the first job."""
    return tmp_path / "out"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one second at 24000/1001 frames a second with one audio track."""
    with made_once(tmp_path_factory, "media") as shared:
        path = shared / "Tiny.Film.2020.mkv"
        return path if path.exists() else make_film(path)


@pytest.fixture(scope="session")
def prepared_jobs(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with one job on that film, to be copied."""
    with made_once(tmp_path_factory, "prepared") as shared, pytest.MonkeyPatch.context() as patch:
        root = shared / "out"
        patch.setenv("CP_OUTPUT_ROOT", str(root))
        if not root.exists():
            make_job(film)
    return root


@pytest.fixture
def job_dir(prepared_jobs: Path, output_root: Path) -> Path:
    """A job on that film, prepared for the workflow transcribe: number 1 of user tester."""
    return copy_job(prepared_jobs, output_root)


@pytest.fixture(scope="session")
def finished_jobs(prepared_jobs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with that job done up to glossary_load without TMDB, to be copied."""
    with made_once(tmp_path_factory, "finished") as shared, pytest.MonkeyPatch.context() as patch:
        root = shared / "out"
        if any(root.glob("*/*/*/tester/1/first_run.txt")):
            return root
        shutil.rmtree(root, ignore_errors=True)  # of a process whose run failed
        job_dir = copy_job(prepared_jobs, root)
        patch.setenv("CP_TMDB_ENABLED", "false")
        patch.setenv("CP_OUTPUT_ROOT", str(root))
        patch.setenv("CP_CACHE_MAX_GB", "0")
        result = run_script("run-pipeline", "transcribe", job_dir, "--to", "glossary_load")
        assert result.returncode == 0, result.stderr
        (job_dir / "first_run.txt").write_text(result.stderr, encoding="utf-8")
    return root


@pytest.fixture
def finished_job(finished_jobs: Path, output_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That job done up to glossary_load; 'first_run.txt' holds what the run said."""
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    return copy_job(finished_jobs, output_root)
