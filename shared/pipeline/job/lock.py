#!/usr/bin/env python3
"""
Lock: one run at a time in a job, held as long as any process of that run lives.

The lock is an flock on `.lock`; its descriptor is inherited by every stage and its children, so
that it ends with the last of them, however the orchestrator dies.

Usage:
    from shared.pipeline.job.lock import hold_job_lock, lock_state

    with hold_job_lock(job_dir, wait=5.0) as descriptor: ...
    lock_state(job_dir).is_held
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from shared.core.errors import UnavailableError
from shared.core.files import lock_within
from shared.core.sharing import has_second_name, make_own
from shared.pipeline.job.lifeline import close_own, keep_own

LOCK_FILE = ".lock"
RETRY_INTERVAL = 0.05
LOOK_SECONDS = 0.3


class RunningJobError(UnavailableError):
    """Another run holds a job (exit code 3).

    Args:
        cause: As for ToldError.
        hint: As for ToldError.
        job_dir: The job directory.
    """

    def __init__(self, cause: str, hint: str, job_dir: Path) -> None:
        super().__init__(cause, hint)
        self.job_dir = job_dir


@dataclass(frozen=True)
class LockState:
    """Whether a run, or what it left, holds a job; its process id (None: unknown), host and start.

    Attributes:
        is_held: Whether it is held.
        pid: The process that took it.
        host: The machine of that.
        since: When, in seconds since the epoch.
    """

    is_held: bool = False
    pid: int | None = None
    host: str = ""
    since: float | None = None

    @property
    def is_run(self) -> bool:
        """Whether a living run holds it, as far as can be seen from here, and not its remains."""
        return self.is_held and _is_alive(self.pid, self.host)

    def as_data(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return asdict(self)


@contextmanager
def hold_job_lock(job_dir: Path, wait: float) -> Iterator[int]:
    """Hold the lock of a job.

    Args:
        job_dir: The job directory.
        wait: Seconds to wait for what a killed run left behind; a living run is never waited for.

    Yields:
        The descriptor that stages inherit.

    Raises:
        UnavailableError: When another run holds the job, or the directory cannot be written.
    """
    path = job_dir / LOCK_FILE
    try:
        _own(path)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise UnavailableError(
            f"Cannot write to {job_dir}: {error.strerror}", hint="Make it writable"
        ) from error
    keep_own(descriptor)
    try:
        # Who only looks (lock_state) holds it for a moment and names nobody.
        _acquire(descriptor, job_dir, time.monotonic() + max(wait, LOOK_SECONDS))
        holder = {"pid": os.getpid(), "host": platform.node(), "since": time.time()}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode("utf-8"), 0)
        try:
            yield descriptor
        finally:
            if os.getpid() == holder["pid"]:  # not in a forked process, which has no lock
                os.ftruncate(descriptor, 0)  # it holds it no more: who looks finds nobody
    finally:
        close_own(descriptor)


def lock_state(job_dir: Path) -> LockState:
    """Return whether a run holds a job now, and which; the lock itself is left alone.

    Args:
        job_dir: The job directory.
    """
    try:
        descriptor = os.open(job_dir / LOCK_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return LockState()
    try:
        if lock_within(descriptor, fcntl.LOCK_SH, 0.0):
            return LockState()
        return LockState(True, *_holder(descriptor))
    finally:
        os.close(descriptor)


def _own(path: Path) -> None:
    """Give a job a lock of its own where its file has a second name: it is a copy by hard links.

    Of several processes that do so at once one does it: else each could hold another lock.
    """
    if not has_second_name(path):
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if has_second_name(path):
            make_own(path)
    finally:
        os.close(folder)


def _acquire(descriptor: int, job_dir: Path, deadline: float) -> None:
    while not lock_within(descriptor, fcntl.LOCK_EX, 0.0):
        pid, host, _ = _holder(descriptor)
        alive = _is_alive(pid, host)
        if alive or time.monotonic() >= deadline:
            left = f"stages that process {pid} left" if pid else "another process"
            who = f"process {pid} on {host}" if alive else left
            raise RunningJobError(
                f"{job_dir} is being run by {who}",
                hint="Wait for it to end, or stop it, then run again",
                job_dir=job_dir,
            )
        time.sleep(RETRY_INTERVAL)


def _is_alive(pid: int | None, host: str) -> bool:
    return host != platform.node() or (pid is not None and psutil.pid_exists(pid))


def _holder(descriptor: int) -> tuple[int | None, str, float | None]:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return int(holder["pid"]), str(holder["host"]), float(holder["since"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None, platform.node(), None
