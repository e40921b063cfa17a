#!/usr/bin/env python3
"""Tests of shared/pipeline/job/lock.py, with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.core.errors import UnavailableError
from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.lock import hold_job_lock
from tests.support.commands import HANG_SECONDS

# Holds the lock, hands it to a child, says so, and waits; the child outlives it.
HOLDER = f"""
import subprocess, sys, time
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from pathlib import Path
from shared.pipeline.job.lock import hold_job_lock
with hold_job_lock(Path(sys.argv[1]), wait=0) as descriptor:
    child = subprocess.Popen(["sleep", sys.argv[2]], pass_fds=(descriptor,))
    print(child.pid, flush=True)
    time.sleep(600)
"""


def start_holder(folder: Path, child_seconds: float) -> tuple[subprocess.Popen[str], int]:
    """Start a process that holds the lock with a child; return both."""
    command = [sys.executable, "-c", HOLDER, str(folder), str(child_seconds)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


def kill(holder: subprocess.Popen[str]) -> None:
    """Kill a process as hard as can be."""
    holder.kill()
    holder.wait()


def test_a_living_run_is_refused_at_once_and_named(tmp_path: Path) -> None:
    holder, child = start_holder(tmp_path, 600)
    try:
        started = time.monotonic()
        with pytest.raises(UnavailableError, match=f"run by process {holder.pid} on ") as caught:
            with hold_job_lock(tmp_path, wait=600):
                pass
        assert time.monotonic() - started < HANG_SECONDS
        assert caught.value.exit_code == 3 and caught.value.hint
    finally:
        kill(holder)
        os.kill(child, signal.SIGKILL)


def test_what_a_killed_run_left_keeps_the_lock_until_it_ends(tmp_path: Path) -> None:
    holder, child = start_holder(tmp_path, 600)
    kill(holder)
    try:
        left = f"stages that process {holder.pid} left"
        with pytest.raises(UnavailableError, match=left):
            with hold_job_lock(tmp_path, wait=0.1):
                pass
    finally:
        os.kill(child, signal.SIGKILL)
    with hold_job_lock(tmp_path, wait=HANG_SECONDS):
        assert f'"pid": {os.getpid()},' in (tmp_path / ".lock").read_text()


def test_a_new_run_waits_for_the_remains_of_a_killed_one(tmp_path: Path) -> None:
    holder, _ = start_holder(tmp_path, 0.5)
    kill(holder)
    with hold_job_lock(tmp_path, wait=HANG_SECONDS):
        assert json.loads((tmp_path / ".lock").read_text())["pid"] == os.getpid()


@pytest.mark.parametrize("content", [b"", b"garbage", b"[1]", b'{"pid": "x", "host": 1}', b"\xff"])
def test_the_content_of_an_abandoned_lock_does_not_matter(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".lock").write_bytes(content)
    with hold_job_lock(tmp_path, wait=0), pytest.raises(UnavailableError, match=str(os.getpid())):
        with hold_job_lock(tmp_path, wait=0):
            pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="Cannot write to"):
        with hold_job_lock(tmp_path / "none", wait=0):
            pass
