#!/usr/bin/env python3
"""Fixtures of the integration tests: one film through every stage, and coverage inside them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT, SPEECH_FIXTURES_DIR
from shared.environment_manager import EnvironmentManager
from shared.media.demo_film import DemoFilm, make_demo_film
from shared.media.ffmpeg import run_tool

# A name that every careless program trips over.
AWKWARD_FOLDER = 'It\'s a "test" & ünïcode हिन्दी'
COVERAGE_HOOK = "cp_coverage.pth"
ENGINE_ENVIRONMENTS = ("whisperx", "pyannote", "demucs")
# How coverage tells child processes that they are measured.
MEASURED = {"COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"}


@dataclass(frozen=True)
class FinishedJob:
    """The demo film's job after a whole run."""

    film: DemoFilm
    job_dir: Path
    output: str
    errors: str


@pytest.fixture(scope="session", autouse=True)
def coverage_in_stages() -> Iterator[None]:
    """Measure coverage inside the stages' own environments too, when it is measured at all."""
    manager = EnvironmentManager()
    measured = MEASURED & os.environ.keys()
    if not measured or Path(sys.prefix) != manager.folder("common"):
        yield
        return
    folders = {
        name: next(manager.folder(name).glob("lib/python3.*/site-packages"))
        for name in ("common", *ENGINE_ENVIRONMENTS)
    }
    hooks = [folders[name] / COVERAGE_HOOK for name in ENGINE_ENVIRONMENTS]
    code = (
        f"import os, sys; {MEASURED!r} & os.environ.keys() and "
        f"(sys.path.append({str(folders['common'])!r}), "
        "__import__('coverage').process_startup(), sys.path.pop())\n"
    )
    for hook in hooks:
        hook.write_text(code, encoding="utf-8")
    yield
    for hook in hooks:
        hook.unlink(missing_ok=True)


def run_pipeline(
    *arguments: str | Path, cwd: Path, output_root: Path, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run ./run-pipeline.sh as a user would; returns what it printed."""
    return subprocess.run(
        [str(PROJECT_ROOT / "run-pipeline.sh"), *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"OUTPUT_ROOT": str(output_root)} | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def demo_film(tmp_path_factory: pytest.TempPathFactory) -> DemoFilm:
    """The demo film in a folder with an awkward name."""
    folder = tmp_path_factory.mktemp("film") / AWKWARD_FOLDER
    folder.mkdir()
    target = folder / "Harbour Lights (2026).mkv"
    return make_demo_film(target, SPEECH_FIXTURES_DIR, _render)


@pytest.fixture(scope="session")
def demo_film_path(demo_film: DemoFilm) -> Path:
    """Where the demo film is."""
    return demo_film.path


@pytest.fixture(scope="session")
def finished_job(demo_film: DemoFilm, tmp_path_factory: pytest.TempPathFactory) -> FinishedJob:
    """The film after `./run-pipeline.sh subtitle FILE -s auto -t en`, run from its own folder."""
    output_root = tmp_path_factory.mktemp("out")
    done = run_pipeline(
        *("subtitle", demo_film.path.name, "-s", "auto", "-t", "en"),
        *("--set", "ASR_MULTILINGUAL=true"),
        cwd=demo_film.path.parent,
        output_root=output_root,
    )
    assert done.returncode == 0, done.stderr
    (job_file,) = output_root.rglob("job.json")
    return FinishedJob(demo_film, job_file.parent, done.stdout, done.stderr)


def _render(command: list[str]) -> None:
    run_tool(command, 900)
