#!/usr/bin/env python3
"""
Tree: every process that a stage started, also those that left its session or lost their parent.

Usage:
    from shared.pipeline.stage.tree import find_tree, send

    send(find_tree(pid, mark), signal.SIGTERM)
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable

import psutil

from shared.config import SCRATCH_VARIABLE

MIB = 1 << 20


def find_tree(pid: int, mark: str | None, root_lives: bool) -> set[psutil.Process]:
    """Return the living processes of a stage.

    Args:
        pid: The stage's own process, also its process group.
        mark: The scratch directory that its processes carry in their environment.
        root_lives: Whether the stage's own process has not been reaped yet.
    """
    members: set[psutil.Process] = set()
    if root_lives:
        members |= descendants(pid)
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.Error):
            if _belongs(process, pid, mark):
                members.add(process)
    return members


def descendants(pid: int) -> set[psutil.Process]:
    """Return a process and those below it.

    Args:
        pid: The process.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        return {root, *root.children(recursive=True)}
    return set()


def memory_of(tree: set[psutil.Process], peak: float = 0.0) -> float:
    """Return the memory of processes in MiB; what they share counts once where that is known.

    Telling shared memory apart costs some 10 ms a process. Below the peak nobody needs it: there,
    all that is resident is returned.

    Args:
        tree: The processes.
        peak: The most that was measured before, MiB.
    """
    resident = _sum(tree, _resident)
    return resident if resident <= peak else _sum(tree, _proportional)


def cpu_seconds_of(tree: set[psutil.Process]) -> float:
    """Return the seconds that processes have computed, all their threads together.

    Args:
        tree: The processes.
    """
    total = 0.0
    for process in tree:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _sum(tree: set[psutil.Process], measure: Callable[[psutil.Process], int]) -> float:
    """Return MiB; a process that ended meanwhile has none."""
    total = 0
    for process in tree:
        with contextlib.suppress(psutil.Error):
            total += measure(process)
    return total / MIB


def _resident(process: psutil.Process) -> int:
    """Return bytes."""
    return int(process.memory_info().rss)


def _proportional(process: psutil.Process) -> int:
    """Return bytes: the proportional share where the system tells it (Linux), else all resident."""
    with contextlib.suppress(psutil.AccessDenied):
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    return _resident(process)


def any_alive(tree: set[psutil.Process]) -> bool:
    """Return whether one of these processes lives; a zombie does not.

    Args:
        tree: The processes.
    """
    for process in tree:
        with contextlib.suppress(psutil.Error):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


def send(tree: set[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each of these processes.

    Args:
        tree: The processes.
        number: The signal.
    """
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def _belongs(process: psutil.Process, pid: int, mark: str | None) -> bool:
    """Return whether a process is of the stage's group or inherited this attempt's mark."""
    if os.getpgid(process.pid) == pid:
        return True
    return mark is not None and process.environ().get(SCRATCH_VARIABLE) == mark
