#!/usr/bin/env python3
"""
Tree: every process that a stage started, also those that left its session or lost their parent.

Usage:
    from shared.pipeline.stage.tree import StageTree, send

    send(StageTree(pid, mark).look(), signal.SIGTERM)
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from shared.config import SCRATCH_VARIABLE
from shared.pipeline.stage.orphans import bury, is_left_by_a_stage

MIB = 1 << 20
# A process that has just begun may be caught between its parent's end and its adoption, or without
# variables while it becomes another program: it is asked again.
SETTLING_SECONDS = 5.0


class StageTree:
    """The living processes of one stage, whoever their parent is now and whichever their session.

    A process belongs to it that is the stage's own, is in its group or session, was started by one
    that belongs to it, inherited the attempt's mark, or came to this process when its parent in a
    stage ended (orphans.py). Once seen, it belongs to it as long as it lives, whatever it does to
    its session, its parent and its environment.

    Args:
        pid: The stage's own process, also its process group.
        mark: The scratch directory that its processes carry in their environment.
    """

    def __init__(self, pid: int, mark: str | None) -> None:
        self._pid = pid
        self._mark = mark
        self._members: set[psutil.Process] = set()
        self._strangers: set[psutil.Process] = set()

    def look(self, thoroughly: bool = False) -> set[psutil.Process]:
        """Return the processes of the stage that live, zombies left out.

        Args:
            thoroughly: Whether those are asked again that did not belong to it (8 ms for a hundred
                processes, else 0.3 ms).
        """
        everybody = set(psutil.process_iter())
        self._members &= everybody
        self._strangers = set() if thoroughly else self._strangers & everybody
        fresh = everybody - self._members - self._strangers
        found = {process for process in fresh if self._carries_a_sign(process)}
        grows = bool(fresh)
        while grows:
            self._members |= found
            fresh -= found
            pids = {member.pid for member in self._members}
            found = {process for process in fresh if _parent(process) in pids}
            grows = bool(found)
        self._strangers |= {process for process in fresh if _is_settled(process)}
        alive = living(self._members)
        for ended in self._members - alive:
            bury(ended)
        return alive

    def _carries_a_sign(self, process: psutil.Process) -> bool:
        """Return whether a process is of the stage's session, an orphan, or inherited the mark."""
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
            if self._pid in (os.getpgid(process.pid), os.getsid(process.pid)):
                return True
            if is_left_by_a_stage(process):
                return True
            if self._mark is not None:
                return bool(process.environ().get(SCRATCH_VARIABLE) == self._mark)
        return False


def end_what_is_left(mark: str | None) -> None:
    """Kill every process that carries an attempt's mark or lies below this one, but for it.

    Args:
        mark: The scratch directory of the attempt; None = there is no mark.
    """
    if mark is not None:
        tree = StageTree(os.getpgrp(), mark).look() | descendants(os.getpid())
        send({process for process in tree if process.pid != os.getpid()}, signal.SIGKILL)


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


def peak_kib_of(pid: int) -> int:
    """Return the most memory that a process has had as the program that it is, KiB; 0 = unknown.

    Args:
        pid: The process.
    """
    with contextlib.suppress(OSError):
        found = re.search(rb"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_bytes())
        return int(found[1]) if found else 0
    return 0


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


def living(tree: set[psutil.Process]) -> set[psutil.Process]:
    """Return those of these processes that live; a zombie does not.

    Args:
        tree: The processes.
    """
    found = set()
    for process in tree:
        with contextlib.suppress(psutil.Error):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.add(process)
    return found


def send(tree: set[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each of these processes.

    Args:
        tree: The processes.
        number: The signal.
    """
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def _is_settled(process: psutil.Process) -> bool:
    """Return whether a process has existed for long enough to be what it looks like."""
    try:
        return bool(time.time() - process.create_time() > SETTLING_SECONDS)
    except psutil.Error:
        return False


def _parent(process: psutil.Process) -> int:
    """Return the id of a process's parent, -1 where it has ended."""
    try:
        return int(process.ppid())
    except psutil.Error:
        return -1
