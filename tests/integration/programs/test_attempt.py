#!/usr/bin/env python3
"""Tests of shared/pipeline/run/attempt.py: what becomes of a job when a stage ends in any way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.commit import discard_leftovers
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.run.attempt import Attempt, WarmAttempt
from shared.pipeline.run.result import StageResult
from tests.support.commands import HANG_SECONDS, wait_until
from tests.support.jobs import files_below
from tests.support.programs import make_program

WRITE = "scratch = os.environ['CP_STAGE_SCRATCH']\nopen(scratch + '/a.json', 'w').write('{}')\n"
HANG = "open(os.environ['CP_JOB_DIR'] + '/there', 'w').close()\ntime.sleep(600)"
DONE = "tell(event='result', status='done', inputs={'job:x': None}, warnings=['w'])\n"


def attempt(job_dir: Path, body: str) -> StageResult:
    """Run stage demux with a program in the place of its Python; HANG is stopped at its limit."""
    timeout = 0.2 if HANG in body else HANG_SECONDS
    program = make_program(job_dir / "program", body)
    lock = os.open(job_dir / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        wanted = Attempt(job_dir, "demux", program, "common", "lock", timeout, 0.2, 1)
        with WarmAttempt(wanted, lock) as warm:
            if HANG in body:  # its time counts when it has said and done everything else
                wait_until((job_dir / "there").exists)
            return warm.run(lambda event: None)
    finally:
        os.close(lock)


def checkpoint(job_dir: Path) -> Checkpoint | None:
    """Return the checkpoint of stage demux."""
    return CheckpointManager(job_dir).load_record("demux")


def test_a_finished_stage_is_in_place_with_its_record(job_dir: Path) -> None:
    result = attempt(job_dir, WRITE + DONE)
    assert (result.status, result.exit_code, result.warnings) == ("done", 0, ["w"])
    assert (job_dir / "01_demux" / "a.json").read_text() == "{}"
    record = checkpoint(job_dir)
    assert record is not None
    assert list(record.outputs) == ["a.json"]
    assert record.inputs == {"job:x": None}
    assert record.environment_lock == "lock"
    assert files_below(job_dir / ".scratch") == []


def test_a_stage_does_not_answer_for_the_memory_of_who_started_it(job_dir: Path) -> None:
    held = bytearray(os.urandom(1 << 20) * 700)
    result = attempt(job_dir, WRITE + "import time; time.sleep(0.5)\n" + DONE)
    assert len(held) > 600 << 20 and 1 < result.peak_memory_mb < 100
    assert result.warnings == ["w"]


def test_a_skipped_stage_removes_what_an_earlier_run_wrote(job_dir: Path) -> None:
    attempt(job_dir, WRITE + DONE)
    result = attempt(job_dir, WRITE + "tell(event='result', status='skipped', reason='off')")
    assert (result.status, result.reason, result.exit_code) == ("skipped", "off", 0)
    assert not (job_dir / "01_demux").exists()
    record = checkpoint(job_dir)
    assert record is not None and (record.status, record.outputs) == ("skipped", {})


def test_a_stage_run_again_replaces_all_of_its_files(job_dir: Path) -> None:
    attempt(job_dir, WRITE + DONE)
    attempt(job_dir, WRITE.replace("a.json", "b.json") + DONE)
    assert os.listdir(job_dir / "01_demux") == ["b.json"]
    assert files_below(job_dir / ".scratch") == []


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ("print('1/2')\nsys.exit(1)", 1, "1/2"),
        ("raise KeyError('gone')", 1, "KeyError: 'gone'"),
        ("sys.exit(4)", 4, "ended with exit code 4 without saying why"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 1, "was killed by signal 9"),
        (DONE + "os.kill(os.getpid(), signal.SIGSEGV)", 1, "was killed by signal 11"),
        ("tell(event='result', status='failed', reason='r', hint='h')\nsys.exit(3)", 3, "r"),
        (DONE + "sys.exit(1)", 1, "ended with exit code 1 without saying why"),
        (DONE + HANG, 1, "took longer than 0 s and was stopped"),
    ],
)
def test_a_failed_stage_leaves_the_job_as_it_was(
    job_dir: Path, body: str, code: int, reason: str
) -> None:
    attempt(job_dir, WRITE + DONE)
    before = checkpoint(job_dir)
    result = attempt(job_dir, WRITE.replace("{}", "half") + body)
    assert (result.status, result.exit_code, result.reason) == ("failed", code, reason)
    assert result.hint
    assert (job_dir / "01_demux" / "a.json").read_text() == "{}"
    assert checkpoint(job_dir) == before
    assert files_below(job_dir / ".scratch") == []


def test_a_failed_first_attempt_leaves_only_its_log(job_dir: Path) -> None:
    before = {path.name for path in files_below(job_dir)}
    attempt(job_dir, WRITE + "print('why')\nsys.exit(1)")
    after = {path.name for path in files_below(job_dir)} - before
    assert after == {"program", ".lock", ".scratch", "01_demux.log"}
    assert (job_dir / "logs" / "01_demux.log").read_text() == "why\n"


def test_the_log_is_capped(job_dir: Path) -> None:
    attempt(job_dir, "for _ in range(64): os.write(1, b'x' * 65536)\n" + DONE)
    size = (job_dir / "logs" / "01_demux.log").stat().st_size
    assert 1 << 20 <= size < (1 << 20) + 100


def test_leftovers_of_killed_attempts_are_discarded(job_dir: Path) -> None:
    left = job_dir / ".scratch" / "asr.x" / "inner"
    left.mkdir(parents=True)
    (left / "half.wav").touch()
    discard_leftovers(job_dir)
    discard_leftovers(job_dir)
    assert not (job_dir / ".scratch").exists()


RUNG = "tell(event='rung', index={index}, last=2, label='cuda')\n"


@pytest.mark.parametrize(
    ("index", "body", "next_rung"),
    [
        (0, "tell(event='result', status='failed', trouble='memory')\nsys.exit(3)", 1),
        (1, "os.kill(os.getpid(), signal.SIGKILL)", 2),
        (0, "os.abort()", 1),
        (0, "tell(event='result', status='failed', trouble='device')\nsys.exit(3)", 2),
        (2, "os.kill(os.getpid(), signal.SIGKILL)", None),
        (0, "tell(event='result', status='failed', trouble=None)\nsys.exit(2)", None),
        (0, HANG, None),
    ],
)
def test_a_failure_for_want_of_memory_names_the_next_rung(
    job_dir: Path, index: int, body: str, next_rung: int | None
) -> None:
    result = attempt(job_dir, RUNG.format(index=index) + body)
    assert (result.status, result.rung, result.next_rung) == ("failed", "cuda", next_rung)


def test_a_stage_without_a_ladder_is_not_tried_again(job_dir: Path) -> None:
    assert attempt(job_dir, "os.kill(os.getpid(), signal.SIGKILL)").next_rung is None


@pytest.mark.parametrize(
    ("body", "is_passing"),
    [
        ("sys.exit(4)", True),
        ("os.kill(os.getpid(), signal.SIGKILL)", True),
        (RUNG.format(index=2) + "os.kill(os.getpid(), signal.SIGKILL)", False),
        (RUNG.format(index=2) + "os.kill(os.getpid(), signal.SIGTERM)", True),
        ("sys.exit(1)", False),
        ("sys.exit(2)", False),
        ("sys.exit(3)", False),
        ("sys.exit(0)", False),
        (HANG, False),
    ],
)
def test_a_failure_that_may_pass_is_told_from_one_that_will_not(
    job_dir: Path, body: str, is_passing: bool
) -> None:
    assert attempt(job_dir, body).is_passing == is_passing
