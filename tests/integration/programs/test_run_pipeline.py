#!/usr/bin/env python3
"""Tests of ./run-pipeline.sh and scripts/run-pipeline.py: refusals, and a copied checkout."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.support.commands import (
    Finished,
    assert_refused,
    copy_checkout,
    run_command,
    run_script,
)
from tests.support.jobs import copy_job, files_below, make_silent_film

RUN = "./run-pipeline.sh"


def run_pipeline(*arguments: str | Path) -> Finished:
    """Run ./run-pipeline.sh with these arguments."""
    return run_script("run-pipeline", *arguments)


@pytest.fixture
def checkout(tmp_path: Path, finished_jobs: Path) -> Path:
    """A copy of this checkout with one environment, common, and a finished job in out/."""
    root = copy_checkout(tmp_path / "checkout")
    copy_job(finished_jobs, root / "out")
    return root


def run_there(checkout: Path, *options: str) -> Finished:
    """Run the job of a copied checkout."""
    job_dir = next((checkout / "out").glob("*/*/*/tester/1"))
    return run_command(RUN, "transcribe", job_dir, *options, root=checkout)


def test_a_film_is_prepared_and_run_in_one_go(film: Path, output_root: Path) -> None:
    result = run_pipeline("transcribe", film, "-s", "hi", "--to", "demux", "--user", "me")
    assert result.returncode == 0, result.stderr
    (job_dir,) = output_root.glob("*/*/*/me/*")
    assert f"Job: {job_dir}" in result.stderr
    assert (job_dir / "01_demux" / "audio.wav").is_file()


def test_bad_input_is_refused_and_no_job_is_left(
    film: Path, tmp_path: Path, output_root: Path
) -> None:
    empty, text = tmp_path / "empty.mp4", tmp_path / "text.mp4"
    empty.touch()
    text.write_text("This is no film.\n" * 100)
    noise = tmp_path / "noise.mp4"
    noise.write_bytes(random.Random(0).randbytes(5000))
    no_films = tmp_path / "no films"
    no_films.mkdir()
    mute = make_silent_film(tmp_path / "mute.mkv")
    cases: list[tuple[list[str | Path], str, str]] = [
        ([], "Nothing is named that could be done", "./run-pipeline.sh subtitle "),
        (["transcribe"], "Name a job directory or a film", "./run-pipeline.sh transcribe "),
        (["transcribe", tmp_path / "gone.mkv"], "No such file: ", "Check the path"),
        (["transcribe", no_films], "it has no job.json", "./prepare-job.sh"),
        (["transcribe", empty], "is empty (0 bytes)", ""),
        (["transcribe", text], "is not a media file", ""),
        (["transcribe", noise], "is not a media file", ""),
        (["transcribe", mute], "No audio stream in mute.mkv", ""),
        (["transcribe", film, "-s", "hxindi"], "Unknown language 'hxindi'", "mean hindi?"),
        (["subtitel", film], "Unknown workflow 'subtitel'", "mean subtitle?"),
        (["translate", film], "needs a target language", "-t en"),
        (["transcribe", film, "--set", "WHISPER_MODLE=x"], "unknown key", "mean WHISPER_MODEL?"),
        (["transcribe", film, "--from", "aser"], "Unknown stage 'aser' (--from)", "mean asr?"),
        (["transcribe", film, "--force", "alll"], "Unknown stage 'alll' (--force)", ""),
        (["transcribe", film, "--to", "mux"], "transcribe has no stage mux", "demux, tmdb"),
        (["transcribe", film, "--from", "asr", "--to", "demux"], "demux comes before asr", ""),
        (
            ["transcribe", film, "--to", "asr", "--force", "mux"],
            "--force mux is not",
            "demux, tmdb",
        ),
        (["demo", film], "The demo has its own film", "./run-pipeline.sh subtitle FILE"),
        (["demo", "-t", "hi"], "--target-languages is not taken", "./run-pipeline.sh subtitle"),
        (["demo", "--to", "asr", "--force", "mux"], "--force mux is not", "demux, tmdb"),
        (["transcribe", film, "-s", ""], "Unknown language ''", ""),
        (["transcribe", film, "--only", "asr"], "A new job cannot start at asr", "--only"),
        (["transcribe", film, "--only", "asr", "--to", "asr"], "--only excludes", ""),
    ]
    for arguments, cause, hint in cases:
        assert_refused(run_pipeline(*arguments), 2, cause, hint)
    assert files_below(output_root) == []


def test_the_wrapper_hands_errors_on(output_root: Path) -> None:
    result = run_command(RUN, "transcribe", output_root / "none", "--only", "asrr")
    assert_refused(result, 2, "Unknown stage 'asrr' (--only)", "Did you mean asr?")


@pytest.mark.parametrize(("option", "value"), [("--user", "you"), ("--new", "")])
def test_what_makes_another_job_is_refused_on_a_prepared_one(
    job_dir: Path, option: str, value: str
) -> None:
    result = run_pipeline("transcribe", job_dir, option, *filter(None, [value]))
    assert_refused(result, 2, f"is prepared already: {option} comes too late", "FILE")


def test_set_holds_for_one_run_of_a_prepared_job_above_the_shell(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (finished_job / "job.json").read_bytes()
    monkeypatch.setenv("CP_AUDIO_LOSS_TOLERANCE", "0.02")
    to_demux = ("transcribe", finished_job, "--to", "demux", "--dry-run")
    changed = run_pipeline(*to_demux, "--set", "AUDIO_LOSS_TOLERANCE=0.5")
    assert "AUDIO_LOSS_TOLERANCE" in changed.stdout and changed.returncode == 0
    assert "Nothing to do" in run_pipeline(*to_demux).stdout
    assert (finished_job / "job.json").read_bytes() == before
    refused = run_pipeline(*to_demux, "--set", "AUDIO_LOS_TOLERANCE=0.5")
    assert_refused(refused, 2, "--set: unknown key AUDIO_LOS_TOLERANCE", "AUDIO_LOSS_TOLERANCE?")


def test_a_stage_without_the_earlier_ones_is_refused(job_dir: Path) -> None:
    result = run_pipeline("transcribe", job_dir, "--only", "asr")
    assert_refused(result, 2, "asr cannot start: demux has not been done", "--only")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("{\n  oops\n}", "job.json:2:3: not valid JSON"),
        ("{}", "job.json: job_id: Field required"),
        ("[]", "job.json: top: "),
        ("\udcff", "not a UTF-8 text file"),
    ],
)
def test_a_broken_job_is_refused_and_left_alone(job_dir: Path, content: str, cause: str) -> None:
    path = job_dir / "job.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    before = files_below(job_dir)
    assert_refused(run_pipeline("transcribe", job_dir), 2, cause)
    assert files_below(job_dir) == before


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("year", "soon", "job.json: year: "),
        ("workflow", "dance", "job.json: workflow: "),
        ("config", {"ASR_BEAN_SIZE": 5}, ": unknown key ASR_BEAN_SIZE"),
        ("config", {"ASR_BEAM_SIZE": 0}, ": ASR_BEAM_SIZE=0: "),
        ("config", {"ASR_BEAM_SIZE": "x"}, ": ASR_BEAM_SIZE=x: "),
    ],
)
def test_a_wrong_field_of_a_job_is_named(
    job_dir: Path, field: str, value: object, cause: str
) -> None:
    path = job_dir / "job.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}, indent=2))
    assert_refused(run_pipeline("transcribe", job_dir), 2, cause)


def test_a_film_that_is_gone_is_told_before_anything_runs(job_dir: Path, tmp_path: Path) -> None:
    path = job_dir / "job.json"
    job = json.loads(path.read_text())
    job["media"]["path"] = str(tmp_path / "gone.mkv")
    path.write_text(json.dumps(job))
    result = run_pipeline("transcribe", job_dir, "--to", "demux")
    assert_refused(result, 2, "The film is not there any more", "Put it back")
    assert os.listdir(job_dir / "logs") == []


def test_a_dry_run_only_shows_the_plan(job_dir: Path) -> None:
    before = files_below(job_dir)
    result = run_pipeline("transcribe", job_dir, "--dry-run")
    assert result.returncode == 0
    assert result.stdout.count("run: not done yet") == 9
    assert files_below(job_dir) == before


def test_help_explains_every_option() -> None:
    result = run_pipeline("--help")
    assert (result.returncode, result.stderr) == (0, "")
    for option in (
        "--from",
        "--to",
        "--only",
        "--force",
        "--profile",
        "--dry-run",
        "--json",
        "-s",
        "--set",
    ):
        assert option in result.stdout


def test_a_missing_environment_is_told_before_anything_runs(checkout: Path) -> None:
    result = run_there(checkout, "--to", "asr")
    assert_refused(result, 3, "The environment 'demucs' is missing", "./bootstrap.sh --env demucs")
    assert "…" not in result.stderr


def test_changed_code_runs_the_stages_that_ran_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(checkout / "out"))
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    for name in ("shared/glossary_manager.py", "shared/logger.py"):
        with (checkout / name).open("a") as stream:
            stream.write("# another line\n")
    result = run_there(checkout, "--to", "glossary_load")
    assert result.returncode == 0, result.stderr
    # The logger shapes no result: the stages that only log are kept.
    for stage, told in (
        ("demux", "up to date"),
        ("glossary_load", "run: shared/glossary_manager.py changed"),
    ):
        assert any(f"] {stage:<20} {told}" in line for line in result.stderr.splitlines())
    assert "3/12] glossary_load ✓" in result.stderr and "1/12] demux ✓" not in result.stderr


def test_a_film_goes_on_without_a_secrets_file_that_others_may_read(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = checkout / "config" / "secrets.json"
    settings = secrets.with_name(".env.pipeline")
    settings.write_text("# every parameter has its default\n")
    monkeypatch.setenv("CP_CONFIG", str(settings))
    secrets.write_text('{"TMDB_API_KEY": "hush"}')
    secrets.chmod(0o644)
    result = run_there(checkout, "--only", "tmdb")
    assert result.returncode == 0, result.stderr
    assert (
        f"! The film goes on without TMDB: {secrets}: others may read it. chmod 600"
        in result.stderr
    )
    assert "hush" not in result.stderr
