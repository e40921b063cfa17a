#!/usr/bin/env python3
"""
Fault layer: fails the N-th operation of one kind, over all Python processes of a run.

Python imports this file by itself where PYTHONPATH names its folder; none of the code under test
knows of it. Operations below FAULT_ROOT count, and every fsync and spawn. A failing write goes to
/dev/full, so that it is the system that refuses it.

Usage:
    FAULT_KIND=rename FAULT_NUMBER=3 FAULT_ROOT=out FAULT_COUNTER=count PYTHONPATH=… ./command
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import functools
import io
import os
from collections.abc import Callable
from typing import Any

KIND = os.environ.get("FAULT_KIND", "")
NUMBER = int(os.environ.get("FAULT_NUMBER", "0"))
ROOT = os.environ.get("FAULT_ROOT", "/nowhere")
COUNTER = os.environ.get("FAULT_COUNTER", "")
REAL_OPEN, REAL_OS_OPEN, REAL_WRITE = io.open, os.open, os.write


def is_due() -> bool:
    """Count an operation; return whether it is the one to fail."""
    counter = REAL_OS_OPEN(COUNTER, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(counter, fcntl.LOCK_EX)
        REAL_WRITE(counter, b".")
        return os.fstat(counter).st_size == NUMBER
    finally:
        os.close(counter)


def lies_below(path: Any, folder: Any = None) -> bool:
    """Return whether a path (or a descriptor, or a name in a folder's descriptor) is of the run."""
    try:
        if folder is not None:
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
        elif isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        return os.path.abspath(os.fsdecode(path)).startswith(ROOT + os.sep)
    except (OSError, TypeError, ValueError):
        return False


def failing(real: Callable[..., Any], number: int, everywhere: bool = False) -> Callable[..., Any]:
    """Return a function that fails at its time and else does what the real one does."""

    @functools.wraps(real)
    def call(*arguments: Any, **options: Any) -> Any:
        folder = options.get("dir_fd", options.get("src_dir_fd"))
        counts = everywhere or (arguments and lies_below(arguments[0], folder))
        if counts and is_due():
            raise OSError(number, os.strerror(number), arguments[0] if arguments else None)
        return real(*arguments, **options)

    return call


def open_for_a_full_disk(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
    """Open a file; at its time, what is written to it meets a full disk."""
    stream = REAL_OPEN(file, mode, *arguments, **options)
    if set(mode) & set("wax+") and lies_below(file) and is_due():
        full = REAL_OS_OPEN("/dev/full", os.O_WRONLY)
        os.dup2(full, stream.fileno())
        os.close(full)
    return stream


def arm() -> None:
    """Put the fault in the place of the operations of its kind."""
    if KIND == "open":
        builtins.open = io.open = failing(io.open, errno.EIO)
        os.open = failing(os.open, errno.EIO)
    elif KIND == "write":
        builtins.open = io.open = open_for_a_full_disk  # type: ignore[assignment]
    elif KIND == "rename":
        for name in ("rename", "replace", "link"):
            setattr(os, name, failing(getattr(os, name), errno.ENOSPC))
    elif KIND == "folder":
        for name in ("mkdir", "rmdir", "unlink", "remove"):
            setattr(os, name, failing(getattr(os, name), errno.EIO))
    elif KIND == "fsync":
        os.fsync = failing(os.fsync, errno.EIO, everywhere=True)
    elif KIND == "spawn":
        import subprocess

        start = failing(subprocess.Popen._execute_child, errno.EAGAIN, True)  # type: ignore
        subprocess.Popen._execute_child = start  # type: ignore[attr-defined]


if COUNTER and KIND:
    arm()
