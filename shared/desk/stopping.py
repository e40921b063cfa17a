#!/usr/bin/env python3
"""
Stopping: a run of a job asked to end, as Ctrl-C in its terminal asks it, whoever started it.

A film of a batch is cancelled there: the batch goes on without it.

Usage:
    from shared.desk.stopping import stop_run

    stop_run(root, job_dir, job, is_now=False)    # after the stage that runs
"""

from __future__ import annotations

import os
import platform
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from shared.core.errors import InputError, UnavailableError
from shared.pipeline.batch.control import find_batches, is_running, request
from shared.pipeline.batch.record import read_batch
from shared.pipeline.job.job import Job
from shared.pipeline.job.lock import lock_state
from shared.pipeline.run.interrupt import AFTER_STAGE

# Of all programs that may hold a job, the one that heeds these signals so.
PROGRAM = "run-pipeline.py"


def stop_run(root: Path, job_dir: Path, job: Job, is_now: bool) -> str:
    """Ask the run of a job to end; return what was asked, as a line.

    Args:
        root: The output folder.
        job_dir: The job directory.
        job: Its job.json.
        is_now: Whether the stage that runs is ended, too. Asked again, it is killed.

    Raises:
        InputError: No run is at work.
        UnavailableError: What holds the job cannot be asked from here.
    """
    lock = lock_state(job_dir)
    if not lock.is_held:
        raise InputError("No run of this job is at work", hint="It has ended meanwhile")
    if lock.pid is None or lock.host != platform.node():
        raise UnavailableError(
            f"The job is held by a process of {lock.host or 'another machine'}",
            hint="Stop it there",
        )
    batch = _batch_of(root, lock.pid)
    if batch is not None:
        return _cancel(batch, job_dir, job)
    process = _program(lock.pid)
    # Looked at again: of a run that has just ended the number may be another process's.
    if process is None or lock_state(job_dir).pid != lock.pid:
        raise UnavailableError(
            f"Process {lock.pid} holds the job, and is no run of it", hint="Look what it is"
        )
    number = signal.SIGINT if is_now else AFTER_STAGE
    try:
        process.send_signal(number)
    except psutil.Error as error:
        raise UnavailableError(f"Process {lock.pid} cannot be asked: {error}") from error
    return "It ends now" if is_now else "It ends after this stage"


def _program(pid: int) -> psutil.Process | None:
    """Return the process of a command of ours, None where it is another."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if any(os.path.basename(one) == PROGRAM for one in process.cmdline()):
            return process
    return None


def _batch_of(root: Path, pid: int) -> Path | None:
    """Return the batch that a process runs."""
    for folder in filter(is_running, find_batches(root)):
        if read_batch(folder).pid == pid:
            return folder
    return None


def _cancel(batch: Path, job_dir: Path, job: Job) -> str:
    films = [film.path for film in read_batch(batch).films if film.job == str(job_dir)]
    if not request(batch, "cancel", films[0] if films else job.media.path):
        raise UnavailableError(f"The batch does not answer: {batch}", hint="Is it stopped?")
    return "The batch goes on without this film"
