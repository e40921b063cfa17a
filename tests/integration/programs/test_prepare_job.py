#!/usr/bin/env python3
"""Tests of ./prepare-job.sh and scripts/prepare-job.py as a user runs them."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import assert_refused, run_command, run_script
from tests.support.jobs import files_below, make_silent_film

PREPARE = "./prepare-job.sh"


@pytest.mark.environments("whisperx")
def test_the_last_line_is_the_job_directory(film: Path, output_root: Path) -> None:
    result = run_script(
        *("prepare-job", "--media", film, "--workflow", "subtitle", "-s", "hindi", "-t", "en"),
        *("--title", "Tiny", "--year", "2021", "--user", "me", "--set", "LOG_LEVEL=DEBUG"),
    )
    assert result.returncode == 0, result.stderr
    job_dir = Path(result.stdout.splitlines()[-1])
    assert job_dir.parent.name == "me" and job_dir.is_relative_to(output_root)
    assert (job_dir / "job.json").is_file()
    assert "WHISPER_MODEL=" in result.stderr


def test_bad_input_is_refused_with_one_line_and_nothing_is_left(
    film: Path, tmp_path: Path, output_root: Path
) -> None:
    empty, text = tmp_path / "empty.mp4", tmp_path / "text.mp4"
    empty.touch()
    text.write_text("This is no film.\n" * 100)
    mute = make_silent_film(tmp_path / "mute.mkv")
    cases: list[tuple[list[str | Path], str, str]] = [
        (["--media", tmp_path / "gone.mkv"], "No such file: ", "Check the path"),
        (["--media", tmp_path], "is a directory", "Name one media file"),
        (["--media", empty], "is empty (0 bytes)", ""),
        (["--media", ""], "argument --media: no file is named", "./prepare-job.sh --help"),
        (["--media", text], "is not a media file", ""),
        (["--media", mute], "No audio stream in mute.mkv", ""),
        (["--media", film, "-s", "hxindi"], "Unknown language 'hxindi'", "mean hindi?"),
        (["--media", film, "-s", "klingon"], "Whisper does not know Klingon (tlh)", "-s auto"),
        (["--media", film, "--set", "WHISPER_MODLE=x"], "unknown key", "mean WHISPER_MODEL?"),
        (["--media", film, "--set", "ASR_BEAM_SIZE=x"], "ASR_BEAM_SIZE=x", ""),
        (["--media", film, "--workflow", "subtitel"], "Unknown workflow", "mean subtitle?"),
        (["--media", film, "--year", "soon"], "--year", "./prepare-job.sh --help"),
        (["--media", film, "--user", "../x"], "--user '../x' cannot name a folder", "--user me"),
        (["--media", film, "--user", ""], "--user '' cannot name a folder", "--user me"),
        (["--media", film, "--yeer", "2"], "--yeer", "./prepare-job.sh --help"),
        ([], "--media", "./prepare-job.sh --help"),
    ]
    for arguments, cause, hint in cases:
        result = run_script("prepare-job", "--workflow", "transcribe", *arguments)
        assert_refused(result, 2, cause, hint)
        assert result.stdout == ""
    assert files_below(output_root) == []


def test_the_wrapper_hands_errors_on(tmp_path: Path, output_root: Path) -> None:
    result = run_command(PREPARE, "--workflow", "transcribe", "--media", tmp_path / "a b\n.mp4")
    assert_refused(result, 2, r"a b\n.mp4", "Check the path")
    assert files_below(output_root) == []


def test_help_explains_every_option() -> None:
    result = run_script("prepare-job", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    for option in ("--media", "--workflow", "-s", "-t", "--start", "--end", "--set", "--user"):
        assert option in result.stdout


def test_a_link_to_the_wrapper_works_with_standard_output_closed_and_a_strict_umask(
    film: Path, tmp_path: Path, output_root: Path
) -> None:
    link = tmp_path / "prepare"
    link.symlink_to(PROJECT_ROOT / "prepare-job.sh")
    command = f"umask 077; '{link}' --media '{film}' --workflow transcribe -s hi --user me >&-"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (job_dir,) = output_root.glob("*/*/*/me/1")
    assert stat.S_IMODE(job_dir.stat().st_mode) == 0o700
