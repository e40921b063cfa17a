#!/usr/bin/env python3
"""Tests of shared/pipeline/run/start/warm_up.py and warm.py: early processes wait, or end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.run.attempt import Attempt
from shared.pipeline.run.start.warm_up import WarmUp
from tests.support.commands import wait_until
from tests.support.jobs import files_below
from tests.support.programs import make_program

# Says that it is there, waits for the word, does its work.
BODY = """
open(os.path.dirname(os.path.dirname(os.environ["CP_STAGE_SCRATCH"])) + "/there", "w").close()
assert os.read(int(os.environ["CP_START_FD"]), 1)
tell(event="result", status="done", pid=os.getpid())
"""


@pytest.fixture
def attempt(job_dir: Path) -> Attempt:
    """An attempt of stage demux by a program that waits."""
    program = make_program(job_dir / "program", BODY)
    return Attempt(job_dir, "demux", program, "common", "lock", 30.0, 0.2, 1)


@pytest.fixture
def lock(job_dir: Path) -> Iterator[int]:
    """The job's lock."""
    descriptor = os.open(job_dir / ".lock", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


def waiting(job_dir: Path) -> list[psutil.Process]:
    """Return the living children of this process that run the job's program."""
    name = str(job_dir / "program")
    children = psutil.Process().children()
    return [p for p in children if p.status() != "zombie" and name in p.cmdline()]


def test_a_process_made_ready_waits_and_then_does_the_work(
    job_dir: Path, attempt: Attempt, lock: int
) -> None:
    with WarmUp(lock, enabled=True) as warm_up:
        warm_up.prepare(attempt)
        wait_until((job_dir / "there").exists)
        (early,) = waiting(job_dir)
        with warm_up.take(attempt) as warm:
            told: list[int] = []
            result = warm.run(lambda event: told.append(event["pid"]))
    assert (result.status, told) == ("done", [early.pid])
    assert waiting(job_dir) == [] and files_below(job_dir / ".scratch") == []


def test_a_process_for_another_attempt_ends_unused(
    job_dir: Path, attempt: Attempt, lock: int
) -> None:
    with WarmUp(lock, enabled=True) as warm_up:
        warm_up.prepare(attempt)
        wait_until(lambda: waiting(job_dir))
        (early,) = waiting(job_dir)
        with warm_up.take(replace(attempt, rung=1)) as warm:
            assert not early.is_running() or early.status() == "zombie"
            assert warm.run(lambda event: None).status == "done"
    assert waiting(job_dir) == [] and files_below(job_dir / ".scratch") == []


def test_nothing_waits_after_the_run(job_dir: Path, attempt: Attempt, lock: int) -> None:
    with WarmUp(lock, enabled=True) as warm_up:
        warm_up.prepare(attempt)
        wait_until(lambda: len(waiting(job_dir)) == 1)
    assert waiting(job_dir) == [] and files_below(job_dir / ".scratch") == []


def test_nothing_is_started_early_when_switched_off(
    job_dir: Path, attempt: Attempt, lock: int
) -> None:
    with WarmUp(lock, enabled=False) as warm_up:
        warm_up.prepare(attempt)
        assert waiting(job_dir) == []
        with warm_up.take(attempt) as warm:
            assert warm.run(lambda event: None).status == "done"


@pytest.mark.parametrize(("word", "code", "printed"), [(b"g", 0, "json"), (b"", 130, "")])
def test_a_stage_imports_what_there_is_and_waits_for_the_word(
    word: bytes, code: int, printed: str
) -> None:
    reader, writer = os.pipe()
    os.write(writer, word)
    os.close(writer)
    program = (
        "import sys\n"
        "from shared.pipeline.job.warm import wait_for_start\n"
        f"wait_for_start({reader}, ('wave', 'no_such_module_at_all'))\n"
        "print('json' if 'wave' in sys.modules else 'not imported')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        pass_fds=(reader,),
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(reader)
    assert (done.returncode, done.stdout.strip()) == (code, printed), done.stderr
