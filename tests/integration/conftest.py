#!/usr/bin/env python3
"""Fixtures of the integration tests: one film through every stage."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT, SPEECH_FIXTURES_DIR
from shared.media.demo_film import DemoFilm, make_demo_film
from shared.media.ffmpeg import run_tool

# A name that every careless program trips over.
AWKWARD_FOLDER = 'It\'s a "test" & ünïcode हिन्दी'


@dataclass(frozen=True)
class FinishedJob:
    """The demo film's job after a whole run."""

    film: DemoFilm
    job_dir: Path
    output: str
    errors: str


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
