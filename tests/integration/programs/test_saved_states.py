#!/usr/bin/env python3
"""Tests of the states that a stage saves while it runs (standards 11.2)."""

from __future__ import annotations

import os
from pathlib import Path

from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.commit import recover
from shared.pipeline.run.attempt import Attempt, run_attempt
from shared.pipeline.run.result import StageResult
from tests.support.programs import make_program

SAVE = """
from shared.pipeline.job.checkpoint import CheckpointManager
manager = CheckpointManager(__import__("pathlib").Path(os.environ["CP_JOB_DIR"]))
assert manager.load_checkpoint("demux") is None
manager.save_checkpoint("demux", {"n": 2})
assert manager.load_checkpoint("demux") == {"n": 2}
"""
DONE = "tell(event='result', status='done', inputs={}, summary={'tracks': 1})\n"


def attempt(job_dir: Path, body: str) -> StageResult:
    """Run stage demux with a program in the place of its Python."""
    program = make_program(job_dir / "program", body, uses_project=True)
    lock = os.open(job_dir / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        wanted = Attempt(job_dir, "demux", program, "common", "lock", 60.0, 0.2, 1)
        return run_attempt(wanted, lock, lambda event: None)
    finally:
        os.close(lock)


def test_a_stage_that_saves_its_state_has_it_in_its_record(job_dir: Path) -> None:
    assert attempt(job_dir, SAVE + DONE).status == "done"
    manager = CheckpointManager(job_dir)
    record = manager.load_record("demux")
    assert record is not None and record.state == {"n": 2}
    assert manager.load_checkpoint("demux") == {"n": 2}
    assert os.listdir(job_dir / ".checkpoints") == ["demux.json"]


def test_a_stage_that_runs_again_drops_what_was_saved(job_dir: Path) -> None:
    attempt(job_dir, SAVE + DONE)
    manager = CheckpointManager(job_dir)
    manager.save_checkpoint("demux", {"from": "outside"})
    attempt(job_dir, SAVE + "sys.exit(1)")
    assert manager.load_checkpoint("demux") == {"from": "outside"}  # the job is as it was
    attempt(job_dir, DONE)
    state = manager.load_checkpoint("demux")
    assert state is not None and state["tracks"] == 1 and "from" not in state


def test_a_stage_that_fails_or_is_killed_has_completed_nothing(job_dir: Path) -> None:
    assert attempt(job_dir, SAVE + "sys.exit(1)").status == "failed"
    assert CheckpointManager(job_dir).get_last_completed_stage() is None
    pending = job_dir / ".checkpoints" / "demux.state.json.pending"
    pending.write_text('{"stage": "demux"')
    recover(job_dir, "")
    assert not pending.exists()
    assert CheckpointManager(job_dir).load_checkpoint("demux") is None
