#!/usr/bin/env python3
"""Tests of whole films in a batch: results, the memory of all stages, films finished first."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import psutil
import pytest

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager
from tests.integration.conftest import FinishedJob
from tests.support.batches import make_old, run_batch
from tests.support.jobs import make_film
from tests.support.kills import processes_below

pytestmark = [pytest.mark.integration, pytest.mark.environments("batch")]
BUDGET_MB = 3000
MIB = 1 << 20
# Those of the finished job.
OPTIONS = ("-s", "auto", "-t", "en", "--set", "ASR_MULTILINGUAL=true", "--beside")


@pytest.fixture(autouse=True)
def own_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep jobs apart, ask no service, watch no film."""
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "out"))
    monkeypatch.setenv("CP_BATCH_STILL_SECONDS", "0")


def test_what_is_done_is_delivered_beside_and_the_next_night_its_subtitles_are_found(
    finished_job: FinishedJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_LOG_FORMAT", "json")
    shutil.copytree(finished_job.job_dir.parents[4], tmp_path / "out")
    folder = tmp_path / "films"
    folder.mkdir()
    shutil.copy2(finished_job.film.path, folder)
    name, stem = finished_job.film.path.name, finished_job.film.path.stem
    night = run_batch(folder, *OPTIONS)
    assert (night.code, night.states()) == (0, {name: "done"}), night.errors
    assert {f"{stem}.en.srt", f"{stem}.subtitled.mkv"} <= {path.name for path in folder.iterdir()}
    assert str(folder / f"{stem}.en.srt") in night.films[name]["delivered"]
    night = run_batch(folder, *OPTIONS)
    assert night.code == 0 and night.states()[name] == "left alone"
    assert f"has the wanted subtitles (en: {stem}.en." in night.films[name]["reason"]
    assert "made by us" in night.films[f"{stem}.subtitled.mkv"]["reason"]


def test_all_stages_stay_under_the_memory_and_films_are_finished_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_BATCH_MEMORY_MB", str(BUDGET_MB))
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(3):
        make_old(make_film(folder / f"{number}.mkv", 1 + number / 10))
    most, over = [0.0], threading.Event()

    def sample() -> None:
        while not over.wait(0.2):
            memory = 0.0
            for process in processes_below(tmp_path / "out"):
                try:
                    memory += process.memory_full_info().pss / MIB
                except (psutil.Error, OSError):
                    continue
            most[0] = max(most[0], memory)

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        night = run_batch(folder, "-w", "transcribe", "-s", "en")
    finally:
        over.set()
        sampler.join()
    assert (night.code, set(night.states().values())) == (0, {"done"}), night.errors
    assert 100 < most[0] <= BUDGET_MB
    ends = [
        (Path(event["film"]).stem, event["stage"])
        for event in night.events
        if event["event"] == "end"
    ]
    assert len(ends) == 27
    assert ends.index(("0", "export_transcript")) < ends.index(("2", "asr"))


def test_no_stage_runs_in_the_batchs_environment_and_a_single_run_asks_for_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    folder = tmp_path / "films"
    folder.mkdir()
    make_old(make_film(folder / "Film.mkv"))
    options = ("-w", "transcribe", "-s", "en", "--to", "glossary_load")
    assert run_batch(folder, *options).code == 0
    (job,) = (tmp_path / "out").glob("*/*/*/*/*/job.json")
    records = [json.loads(path.read_text()) for path in job.parent.glob(".checkpoints/*.json")]
    used = {record["environment"] for record in records if "environment" in record}
    assert used == {"common"} and "batch" not in EnvironmentManager().needed()
    sources = [
        PROJECT_ROOT / "shared/commands/run.py",
        *(PROJECT_ROOT / "shared/pipeline/run").glob("*.py"),
    ]
    assert not any("pipeline.batch" in path.read_text() for path in sources)
