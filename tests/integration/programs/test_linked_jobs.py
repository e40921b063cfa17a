#!/usr/bin/env python3
"""Tests of runs on jobs with hard links, links and outputs as large as a disk: nothing is lost."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from shared.pipeline.job.places import check_places
from shared.pipeline.jobs.editing import edit_file
from tests.support.commands import HANG_SECONDS, run_script
from tests.support.jobs import state_of


@pytest.mark.parametrize("place", [".lock", "events.jsonl", "logs/01_demux.log"])
def test_a_file_with_a_second_name_is_not_written_into(
    finished_job: Path, tmp_path: Path, place: str
) -> None:
    mine, path = tmp_path / "mine.txt", finished_job / place
    mine.write_text("a year's work")
    path.unlink(missing_ok=True)
    os.link(mine, path)
    command = ("transcribe", finished_job, "--to", "demux", "--force", "demux")
    done = run_script("run-pipeline", *command)
    assert done.returncode == 0, done.stderr
    assert mine.read_text() == "a year's work" and mine.stat().st_nlink == 1
    assert place == ".lock" or path.read_text().startswith("a year's work")


def test_a_copy_of_a_job_by_hard_links_changes_nothing_of_the_original(
    finished_job: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(finished_job, copy, copy_function=os.link)
    before = state_of(finished_job)
    for options in (("--dry-run",), (), ("--force", "all"), ("--set", "AUDIO_LOSS_TOLERANCE=0.03")):
        done = run_script("run-pipeline", "transcribe", copy, "--to", "glossary_load", *options)
        assert done.returncode == 0, done.stderr
        assert state_of(finished_job) == before
    edit_file(copy, "03_glossary_load/glossary.json", b'{"schema_version": 1, "terms": []}')
    done = run_script("run-pipeline", "transcribe", copy, "--to", "glossary_load")
    assert done.returncode == 0 and state_of(finished_job) == before


@pytest.mark.parametrize(
    "place", ["01_demux/audio.wav", "01_demux/media_info.json", "03_glossary_load/glossary.json"]
)
def test_an_output_that_became_a_terabyte_is_not_read(finished_job: Path, place: str) -> None:
    before = (finished_job / place).read_bytes()
    os.truncate(finished_job / place, 1 << 40)  # takes no space
    started = time.monotonic()
    for options in (("--dry-run",), ("--set", "AUDIO_LOSS_TOLERANCE=0.03")):
        done = run_script(
            "run-pipeline", "transcribe", finished_job, "--to", "glossary_load", *options
        )
        assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 2 * HANG_SECONDS
    assert (finished_job / place).read_bytes() == before
    assert (finished_job / "edited" / place).stat().st_size == 1 << 40, "nothing is lost"


def test_an_output_of_a_stage_may_be_a_link_and_is_never_written_through(
    finished_job: Path, tmp_path: Path
) -> None:
    sound, away = finished_job / "01_demux" / "audio.wav", tmp_path / "moved.wav"
    shutil.move(sound, away)
    sound.symlink_to(away)
    before = away.read_bytes()
    check_places(finished_job)
    command = ("transcribe", finished_job, "--to", "demux")
    assert run_script("run-pipeline", *command).returncode == 0
    assert sound.is_symlink(), "it holds what the stage wrote"
    assert run_script("run-pipeline", *command, "--force", "demux").returncode == 0
    assert not sound.is_symlink() and away.read_bytes() == before
