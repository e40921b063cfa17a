#!/usr/bin/env python3
"""
Orphans: processes whose parent has ended come to the stage that they are of, not to init.

A process may clear its environment, leave its session and lose its parent: nothing of it tells then
where it belongs. On Linux a process can ask to be the parent of all that is orphaned below it
(prctl PR_SET_CHILD_SUBREAPER). A stage asks for it, and so does a command that runs stages, for
what a stage leaves when it ends. Elsewhere such a process is found if it was seen once before, by
its mark, group or parent: it is looked for every second.

Usage:
    from shared.pipeline.stage.orphans import adopt_orphans, adopt_what_stages_leave, look_around

    adopt_orphans()             # in a stage
    look_around()               # in a command, at its start
    adopt_what_stages_leave()   # in a command, before it runs a stage
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

SET_CHILD_SUBREAPER = 36
INIT = 1
OWN_CHILDREN = Path("/proc/thread-self/children")
_alone = 0
_adopter = 0
_stages: set[int] = set()
# A process has a session of its own a moment before its id is known here.
_starting = threading.Lock()


def adopt_orphans() -> bool:
    """Have what is orphaned below this process become its child; return whether that holds."""
    if sys.platform != "linux":
        return False
    import ctypes  # 2 ms: only where stages run

    try:
        return bool(ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def look_around() -> None:
    """Take note that this process has no children yet, and is not the one that all orphans go to.

    A shell may have started some before it gave way to this process, and init of a container gets
    everybody's: what they leave would be taken for a stage's.
    """
    global _alone
    with contextlib.suppress(OSError):
        if os.getpid() != INIT and not OWN_CHILDREN.read_bytes():
            _alone = os.getpid()


def adopt_what_stages_leave() -> None:
    """Have what a stage leaves when it ends become a child of this process, if it was alone."""
    global _adopter
    if os.getpid() == _alone and adopt_orphans():
        _adopter = os.getpid()


@contextlib.contextmanager
def stage_begins() -> Iterator[Callable[[int], None]]:
    """Start a stage's own process: nobody takes it for an orphan meanwhile.

    Yields:
        What takes note of its id: it is no orphan afterwards either.
    """
    with _starting:
        yield _stages.add


def stage_ended(pid: int) -> None:
    """Forget a stage's own process, which has been waited for.

    Args:
        pid: Its id.
    """
    _stages.discard(pid)


def is_left_by_a_stage(process: psutil.Process) -> bool:
    """Return whether a process came to this one because its parent, in a stage, has ended.

    A stage has a session of its own, and nobody leaves a session for one that is there already:
    what this process itself starts is in its own.

    Args:
        process: Any.

    Raises:
        psutil.Error: It has ended meanwhile; ProcessLookupError, too.
    """
    own = os.getpid()
    if own != _adopter:
        return False
    with _starting:
        if process.pid in _stages:
            return False
    return process.ppid() == own and os.getsid(process.pid) != os.getsid(0)


def bury(process: psutil.Process) -> None:
    """Let a process that has ended leave the system's table, if it came to this one.

    Args:
        process: One that is_left_by_a_stage was true of, or any other.
    """
    if os.getpid() == _adopter and process.pid not in _stages:
        with contextlib.suppress(OSError):  # no child of this one
            os.waitpid(process.pid, os.WNOHANG)
