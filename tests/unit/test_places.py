#!/usr/bin/env python3
"""Tests of shared/pipeline/job/places.py: nothing is written or removed through a planted link."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from shared.core.errors import InputError, UnavailableError
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.commit import recover
from shared.pipeline.job.job import load_job
from shared.pipeline.job.lock import hold_job_lock
from shared.pipeline.job.output_file import describe_outputs
from tests.support.checkpoints import make_checkpoint
from tests.support.commands import assert_refused, run_script, wait_until
from tests.support.jobs import state_of

PLACES = (
    ".checkpoints",
    ".lock",
    ".scratch",
    "01_demux",
    "12_mux",
    "edited",
    "edited/01_demux",
    "events.jsonl",
    "job.json",
    "logs",
    "logs/01_demux.log",
    ".checkpoints/demux.json",
)


def plant(job_dir: Path, place: str, outside: Path) -> None:
    """Move a place of a job outside, edited sound included, and leave a link in its stead."""
    path = job_dir / place
    path.parent.mkdir(exist_ok=True)
    (job_dir / "01_demux" / "audio.wav").write_bytes(b"edited")
    outside.mkdir()
    if path.exists():
        path.rename(outside / path.name)
    else:
        (outside / path.name).mkdir()
        (outside / path.name / "demux.old.replaced").write_text("not ours")
    path.symlink_to(outside / path.name)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_a_link_is_refused_and_nothing_behind_it_changes(
    finished_job: Path, tmp_path: Path, place: str
) -> None:
    outside = tmp_path / "outside"
    plant(finished_job, place, outside)
    before, job_before = state_of(outside), state_of(finished_job)
    for command in (
        ("transcribe", finished_job, "--to", "glossary_load", "--force", "all"),
        ("transcribe", finished_job, "--dry-run"),
        ("why", "demux", finished_job),
    ):
        done = run_script("run-pipeline", *command)
        assert_refused(done, 2, f"{place} is a link", "Use files, not links")
    assert state_of(outside) == before
    assert state_of(finished_job) == job_before


@pytest.mark.parametrize("place", [".lock", "events.jsonl", "logs/01_demux.log"])
def test_a_link_to_nowhere_makes_no_file_there(job_dir: Path, tmp_path: Path, place: str) -> None:
    (job_dir / place).symlink_to(tmp_path / "made")
    done = run_script("run-pipeline", "transcribe", job_dir, "--to", "demux")
    assert_refused(done, 2, f"{place} is a link", "Use files, not links")
    assert not (tmp_path / "made").exists()


def test_both_copies_by_hard_links_run_at_once(finished_job: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(finished_job, copy, copy_function=os.link)
    with hold_job_lock(finished_job, wait=0.0), hold_job_lock(copy, wait=0.0):
        for held in (finished_job, copy):
            with pytest.raises(UnavailableError, match="is being run by"):
                with hold_job_lock(held, wait=0.0):
                    pass


def all_ended(children: list[int], ended: set[int]) -> set[int]:
    """Return which children have ended, those of before among them."""
    for child in set(children) - ended:
        ended.add(os.waitpid(child, os.WNOHANG)[0])
    ended.discard(0)
    return ended


@pytest.mark.slow
def test_of_many_that_give_a_copy_its_own_lock_one_holds_it(
    finished_job: Path, tmp_path: Path
) -> None:
    (finished_job / ".lock").touch()
    for number in range(5):
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        os.link(finished_job / ".lock", copy / ".lock")
        read, write = os.pipe()
        over, until = os.pipe()
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                os.close(until)
                try:
                    with hold_job_lock(copy, wait=0.0):
                        os.write(write, b"held")
                        os.read(over, 1)  # until the others have been refused
                except UnavailableError:
                    pass
                finally:
                    os._exit(0)
            children.append(child)
        ended: set[int] = set()
        try:
            wait_until(lambda: len(all_ended(children, ended)) >= len(children) - 1)
        finally:
            os.close(until)
        wait_until(lambda: len(all_ended(children, ended)) == len(children))
        os.close(over)
        os.close(write)
        with os.fdopen(read, "rb") as stream:
            assert stream.read() == b"held"


@pytest.mark.parametrize(
    ("place", "cause"),
    [("logs", "is not a folder"), (".checkpoints", "is not a folder"), ("03_glossary_load", "is")],
)
def test_a_file_where_a_folder_belongs_is_refused(
    finished_job: Path, place: str, cause: str
) -> None:
    shutil.rmtree(finished_job / place)
    (finished_job / place).write_text("mine")
    done = run_script("run-pipeline", "transcribe", finished_job, "--to", "glossary_load")
    assert_refused(done, 2, f"{place} {cause}", "Move it out of the way")
    assert (finished_job / place).read_text() == "mine"


def test_a_pipe_that_would_hold_the_run_is_refused(job_dir: Path) -> None:
    os.mkfifo(job_dir / "events.jsonl")
    done = run_script("run-pipeline", "transcribe", job_dir, "--to", "demux")
    assert_refused(done, 2, "events.jsonl is neither a file nor a folder", "Remove it")


def test_a_scratch_directory_that_is_a_link_is_not_adopted(job_dir: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "audio.wav").write_bytes(b"sound")
    record = make_checkpoint("demux", outputs=describe_outputs(outside))
    CheckpointManager(job_dir).announce(record)
    (job_dir / ".scratch").mkdir()
    for name in ("demux.planted", "demux.x.replaced"):
        (job_dir / ".scratch" / name).symlink_to(outside)
    assert recover(job_dir, load_job(job_dir).job_id) == []
    assert not (job_dir / "01_demux").exists() and not (job_dir / ".scratch").exists()
    assert (outside / "audio.wav").read_bytes() == b"sound"


def test_a_stage_refuses_too(job_dir: Path, tmp_path: Path) -> None:
    (job_dir / "logs").rmdir()
    (job_dir / "logs").symlink_to(tmp_path)
    with pytest.raises(InputError, match="logs is a link"):
        load_job(job_dir)
