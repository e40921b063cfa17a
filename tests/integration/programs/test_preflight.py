#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/preflight.py."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

import pytest

from shared.config import load_config
from shared.core.errors import InputError, UnavailableError
from shared.environment_manager import EnvironmentManager
from shared.media.clip import ClipRange
from shared.pipeline.job.job import Job, load_job
from shared.pipeline.plan.preflight import FREE_RESERVE, bytes_needed, check_before_run
from shared.pipeline.plan.space import MIB
from tests.support.jobs import make_film

COMMON_STAGES = ["demux", "tmdb", "glossary_load"]


def check(
    job_dir: Path,
    job: Job | None = None,
    stages: list[str] | None = None,
    environments: EnvironmentManager | None = None,
) -> list[str]:
    """Run the checks on a job, on this checkout's environments if no others are given."""
    return check_before_run(
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


def test_a_fault_in_a_glossary_is_told_before_anything_runs(
    job_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_GLOSSARY_STRICT", "true")
    (tmp_path / "bad.tsv").write_text("source\nRaj\nA\tB\n")
    monkeypatch.setenv("CP_GLOSSARY_STRICT", "true")
    for name, said in (("bad", r"bad\.tsv:3: 2 cells under 1 columns"), ("gone", "No such")):
        monkeypatch.setenv("CP_GLOSSARY_FILES", str(tmp_path / f"{name}.tsv"))
        with pytest.raises(InputError, match=said):
            check(job_dir, stages=["glossary_load"])
        check(job_dir, stages=["demux"])


def test_a_faulty_line_of_a_glossary_stops_no_run_unless_that_is_wanted(
    job_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.tsv").write_text("source\nRaj\nA\tB\n")
    monkeypatch.setenv("CP_GLOSSARY_FILES", str(tmp_path / "bad.tsv"))
    assert check(job_dir, stages=["glossary_load"]) == []
    monkeypatch.setenv("CP_GLOSSARY_FILES", str(tmp_path / "gone.tsv"))
    with pytest.raises(InputError, match="No such"):
        check(job_dir, stages=["glossary_load"])


def test_too_little_disk_space_is_told_with_both_figures(job_dir: Path) -> None:
    job = load_job(job_dir)
    job.media.size = 10**18
    with pytest.raises(
        UnavailableError, match=r"\d{9,} MiB \(\d+ bytes\) needed, \d+ MiB \(\d+ bytes\) free"
    ):
        check(job_dir, job, [*COMMON_STAGES, "mux"])
    check(job_dir, job)


def test_space_is_needed_for_what_runs(job_dir: Path) -> None:
    job = load_job(job_dir)
    assert bytes_needed(job, ["asr"]) == FREE_RESERVE == 64 * MIB
    assert bytes_needed(job, ["demux"]) == FREE_RESERVE + int(job.duration * 32_000)
    assert bytes_needed(job, ["mux"]) == FREE_RESERVE + job.media.size


def harmed_job(job_dir: Path, tmp_path: Path, share: float, bytes_: int) -> Job:
    """Return the job on a film of a minute whose bytes are random from a share of it on."""
    film = make_film(tmp_path / "long.mkv", 60.0)
    content = bytearray(film.read_bytes())
    first = int(len(content) * share)
    last = min(len(content), first + bytes_)
    content[first:last] = random.Random(1).randbytes(last - first)
    film.write_bytes(content)
    job = load_job(job_dir)
    job.media.path, job.media.duration = str(film), 60.0
    job.media.size = film.stat().st_size
    return job


def test_another_film_in_its_place_is_noted_and_refused_where_it_does_not_fit(
    job_dir: Path, tmp_path: Path
) -> None:
    job = load_job(job_dir)
    original = Path(job.media.path)
    job.media.path = str(make_film(tmp_path / "other.mkv", 2.0))
    (note,) = check(job_dir, job)
    assert re.search(r"other.mkv changed .* 1\.\d s then, \d+ bytes and 2\.\d s now", note)
    job.clip = ClipRange(start=5.0, end=6.0)
    with pytest.raises(InputError, match="it ends at 2.. s, and the job begins at 5.0 s"):
        check(job_dir, job)
    turned = tmp_path / "turned.mkv"
    command = ["ffmpeg", "-v", "error", "-i", original, "-map", "0:a", "-map", "0:v", turned]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    job.media.path, job.clip = str(turned), None
    with pytest.raises(InputError, match="another film .* its track 1 is no sound") as caught:
        check(job_dir, job)
    assert caught.value.hint == "Put the film back, or prepare a new job for this one"


def test_a_film_that_decodes_nowhere_is_refused(job_dir: Path, tmp_path: Path) -> None:
    job = harmed_job(job_dir, tmp_path, 0.01, 1 << 30)
    with pytest.raises(InputError, match="The sound of long.mkv cannot be decoded anywhere"):
        check(job_dir, job)
    check(job_dir, job, ["glossary_load"])


def test_a_film_with_a_bad_place_is_noted(job_dir: Path, tmp_path: Path) -> None:
    job = load_job(job_dir)
    assert check(job_dir, job) == []
    notes = check(job_dir, harmed_job(job_dir, tmp_path, 0.45, 120_000))
    assert notes and all("No sound can be decoded at" in note for note in notes)


@pytest.mark.environments("llm")
def test_a_key_that_the_service_wants_is_named_with_its_place(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_LLM_MODEL", "some")
    monkeypatch.setenv("CP_LLM_PROVIDER", "anthropic")
    monkeypatch.setenv("CP_TRANSLATION_ENGINE", "llm")
    job = load_job(job_dir)
    job.target_languages = ["de"]
    with pytest.raises(InputError, match="LLM_API_KEY is missing") as caught:
        check(job_dir, job, ["translation"])
    assert "config/secrets.json" in caught.value.hint and "chmod 600" in caught.value.hint
    monkeypatch.setenv("LLM_API_KEY", "hush")
    check(job_dir, job, ["translation"])
