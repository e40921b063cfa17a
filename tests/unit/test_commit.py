#!/usr/bin/env python3
"""Tests of shared/pipeline/job/commit.py: a commit cut off at any step is finished or forgotten."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.commit import commit_outputs, recover
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.job.record.manifest import Checkpoint
from tests.support.checkpoints import make_checkpoint
from tests.support.jobs import files_below

STAGE, FOLDER = "demux", "01_demux"


class Killed(BaseException):
    """The process is gone at this moment."""


def make_outputs(job_dir: Path, content: str) -> tuple[Path, Checkpoint]:
    """Write a stage's outputs into a scratch directory; return it with its record."""
    scratch = job_dir / ".scratch" / f"{STAGE}.{content}"
    scratch.mkdir(parents=True)
    (scratch / "a.json").write_text(content)
    return scratch, make_checkpoint(STAGE, outputs=describe_outputs(scratch))


def read(job_dir: Path) -> str:
    """Return the stage's output that is in place."""
    return (job_dir / FOLDER / "a.json").read_text()


def kill_at(patch: pytest.MonkeyPatch, number: int) -> Callable[[], int]:
    """Let the process die at the N-th rename, unlink or replace; returns the count so far."""
    count = 0

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == number:
                raise Killed
            return real(*arguments, **options)

        return call

    for name in ("rename", "replace", "unlink"):
        patch.setattr(os, name, dying(getattr(os, name)))
    return lambda: count


def test_a_commit_killed_at_any_step_is_finished_or_forgotten(tmp_path: Path) -> None:
    for number in range(1, 50):
        job_dir = tmp_path / str(number)
        job_dir.mkdir()
        commit_outputs(job_dir, *reversed(make_outputs(job_dir, "old")))  # type: ignore[arg-type]
        scratch, checkpoint = make_outputs(job_dir, "new")
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, number)
            try:
                commit_outputs(job_dir, checkpoint, scratch)
                killed = False
            except Killed:
                killed = True
        recover(job_dir, "")
        record = CheckpointManager(job_dir).load_record(STAGE)
        assert record is not None, f"lost at step {number}"
        assert record.outputs["a.json"].holds(job_dir / FOLDER / "a.json"), f"step {number}"
        names = [p.name for p in files_below(job_dir) if p.is_file()]
        assert sorted(names) == ["a.json", "demux.json"], f"step {number}"
        if not killed:
            assert read(job_dir) == "new" and number > 4
            return
    pytest.fail("the commit never completed")


def test_an_edit_survives_a_commit_killed_at_any_step(tmp_path: Path) -> None:
    for number in range(1, 12):
        job_dir = tmp_path / str(number)
        job_dir.mkdir()
        commit_outputs(job_dir, *reversed(make_outputs(job_dir, "old")))  # type: ignore[arg-type]
        (job_dir / FOLDER / "a.json").write_text("edited")
        scratch, checkpoint = make_outputs(job_dir, "new")
        if number % 2:
            (scratch / "a.json").write_text("what nobody can adopt")
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, number)
            try:
                commit_outputs(job_dir, checkpoint, scratch)
            except Killed:
                pass
        recover(job_dir, "")
        texts = [p.read_text() for p in files_below(job_dir) if p.name.startswith("a.json")]
        assert "edited" in texts, f"lost at step {number}"


def disturbed(number: int, work: Callable[[], object]) -> bool:
    """Do something that is killed at its N-th operation; return whether it was."""
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, number)
        try:
            work()
        except Killed:
            return True
    return False


def skip_killed_at(job_dir: Path, number: int, again: int) -> bool:
    """Commit the skipping of a stage whose output was edited; kill it, and then its recovery.

    Returns:
        Whether the recovery was killed.
    """
    job_dir.mkdir()
    commit_outputs(job_dir, *reversed(make_outputs(job_dir, "old")))  # type: ignore[arg-type]
    (job_dir / FOLDER / "a.json").write_text("edited")
    scratch = job_dir / ".scratch" / f"{STAGE}.new"
    scratch.mkdir(parents=True)
    skipped = make_checkpoint(STAGE, status="skipped", reason="not wanted")
    disturbed(number, lambda: commit_outputs(job_dir, skipped, scratch))
    was_killed = disturbed(again, lambda: recover(job_dir, ""))
    recover(job_dir, "")
    return was_killed


def test_a_skip_killed_at_any_step_leaves_no_old_outputs_and_no_edit_is_lost(
    tmp_path: Path,
) -> None:
    ends = set()
    for number in range(1, 12):
        for again in range(1, 12):
            job_dir = tmp_path / f"{number}-{again}"
            was_killed = skip_killed_at(job_dir, number, again)
            record = CheckpointManager(job_dir).load_record(STAGE)
            assert record is not None, f"lost at step {number}, {again}"
            files = {str(p.relative_to(job_dir)) for p in files_below(job_dir) if p.is_file()}
            ends.add(record.status)
            edit = {"done": FOLDER, "skipped": f"edited/{FOLDER}"}[record.status] + "/a.json"
            assert files == {edit, f".checkpoints/{STAGE}.json"}, f"step {number}, {again}"
            assert (job_dir / edit).read_text() == "edited", f"step {number}, {again}"
            if not was_killed:
                break
    assert ends == {"done", "skipped"}


def test_outputs_in_place_without_their_checkpoint_are_adopted(tmp_path: Path) -> None:
    scratch, checkpoint = make_outputs(tmp_path, "new")
    CheckpointManager(tmp_path).announce(checkpoint)
    scratch.rename(tmp_path / FOLDER)
    assert recover(tmp_path, "") == [STAGE]
    assert CheckpointManager(tmp_path).load_record(STAGE) == checkpoint


@pytest.mark.parametrize("harm", ["cut", "gone", "more"])
def test_outputs_that_do_not_verify_are_not_adopted(tmp_path: Path, harm: str) -> None:
    scratch, checkpoint = make_outputs(tmp_path, "new")
    CheckpointManager(tmp_path).announce(checkpoint)
    scratch.rename(tmp_path / FOLDER)
    path = tmp_path / FOLDER / "a.json"
    if harm == "cut":
        path.write_text("n")
    elif harm == "gone":
        path.unlink()
    else:
        path.with_name("b.json").write_text("x")
    assert recover(tmp_path, "") == []
    assert CheckpointManager(tmp_path).load_record(STAGE) is None


def test_what_a_person_edited_or_added_is_moved_aside_never_deleted(tmp_path: Path) -> None:
    for version, content in enumerate(("one", "two", "three")):
        scratch, checkpoint = make_outputs(tmp_path, content)
        saved = commit_outputs(tmp_path, checkpoint, scratch)
        assert len(saved) == (2 if version else 0)
        (tmp_path / FOLDER / "a.json").write_text(f"edited {content}")
        (tmp_path / FOLDER / "notes.txt").write_text("mine")
    edited = tmp_path / "edited" / FOLDER
    assert {p.name: p.read_text() for p in edited.iterdir()} == {
        "a.json": "edited one",
        "a.json.1": "edited two",
        "notes.txt": "mine",
        "notes.txt.1": "mine",
    }


def test_an_edit_whose_record_is_broken_is_kept_and_what_is_the_same_again_is_not(
    tmp_path: Path,
) -> None:
    for version in ("one", "two"):
        scratch, checkpoint = make_outputs(tmp_path, version)
        (scratch / "same.json").write_text("{}")
        checkpoint = make_checkpoint(STAGE, outputs=describe_outputs(scratch))
        commit_outputs(tmp_path, checkpoint, scratch)
        if version == "one":
            (tmp_path / FOLDER / "a.json").write_text("edited")
            (tmp_path / ".checkpoints" / f"{STAGE}.json").write_text("{")
    kept = list((tmp_path / "edited" / FOLDER).iterdir())
    assert [path.read_text() for path in kept] == ["edited"]


def test_a_foreign_record_is_put_aside(tmp_path: Path) -> None:
    checkpoints = CheckpointManager(tmp_path, "mine")
    checkpoints.save_record(make_checkpoint(STAGE, job_id="another"))
    assert checkpoints.load_record(STAGE) is None
    checkpoints.save_record(make_checkpoint(STAGE, job_id="another"))
    assert checkpoints.load_record(STAGE) is None
    names = sorted(p.name for p in (tmp_path / ".checkpoints").iterdir())
    assert names == ["demux.json.broken", "demux.json.broken.1"]
    checkpoints.save_record(make_checkpoint(STAGE, job_id="mine"))
    assert checkpoints.load_record(STAGE) is not None
