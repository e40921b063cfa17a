#!/usr/bin/env python3
"""
System errors: what the system's errors mean to a person, all of them in one place.

A disk, memory, files or processes that ran out, a path that may not be used: none is a fault of the
program, and each has a remedy of its own.

Usage:
    from shared.core.machine.system_errors import unusable_machine

    told = unusable_machine(OSError(errno.ENOSPC, "No space left on device", "film.mkv"))
    told.cause, told.hint, told.exit_code     # 'The disk is full (film.mkv)', 'Make room …', 3
"""

from __future__ import annotations

import errno
import sqlite3
import tempfile

from shared.core.errors import DependencyError, InputError, PipelineError, UnavailableError

DISK_FULL = "The disk is full"
AGAIN = "then run the same command again"
ROOM = f"Make room there, {AGAIN}"
DISK = f"Check the disk and its cable or network, {AGAIN}"
RIGHTS = "Check who owns it and who may use it: ls -ld"
# Cause, hint and kind by number.
MEANINGS: dict[int, tuple[str, str, type[PipelineError]]] = {
    errno.ENOSPC: (DISK_FULL, ROOM, UnavailableError),
    errno.EDQUOT: ("The disk quota is used up", ROOM, UnavailableError),
    errno.EFBIG: ("A file is larger than this disk or limit allows", ROOM, UnavailableError),
    errno.EROFS: ("The disk is read-only", f"Mount it for writing, {AGAIN}", UnavailableError),
    errno.EIO: ("The disk fails", DISK, UnavailableError),
    errno.ESTALE: ("A network folder was taken away", DISK, UnavailableError),
    errno.ENOTCONN: ("A network folder was taken away", DISK, UnavailableError),
    errno.ENXIO: ("A device is not there", DISK, UnavailableError),
    errno.ENODEV: ("A device is not there", DISK, UnavailableError),
    errno.EMFILE: (
        "Too many files are open",
        f"Raise their number (ulimit -n), {AGAIN}",
        UnavailableError,
    ),
    errno.ENFILE: (
        "Too many files are open on this machine",
        f"End other programs, {AGAIN}",
        UnavailableError,
    ),
    errno.EAGAIN: (
        "No further process can be started",
        f"End other programs or raise their number (ulimit -u), {AGAIN}",
        UnavailableError,
    ),
    errno.ENOMEM: ("No memory is left", f"End other programs, {AGAIN}", UnavailableError),
    errno.EACCES: ("No permission", RIGHTS, UnavailableError),
    errno.EPERM: ("Not allowed", RIGHTS, UnavailableError),
    errno.ETXTBSY: ("A program is being changed", f"Wait a moment, {AGAIN}", UnavailableError),
    errno.ELOOP: ("Links lead round in a circle", "Name what they should lead to", InputError),
    errno.ECONNREFUSED: (
        "A service does not take connections",
        f"Start it, {AGAIN}",
        DependencyError,
    ),
    errno.EHOSTUNREACH: ("A machine cannot be reached", "Check the network", DependencyError),
    errno.ENETUNREACH: ("There is no network", "Check the network", DependencyError),
    errno.ETIMEDOUT: ("A connection timed out", "Check the network", DependencyError),
    errno.ECONNRESET: (
        "A connection broke",
        AGAIN.removeprefix("then ").capitalize(),
        DependencyError,
    ),
}
DEEPEST_CAUSE = 10
MOST_OF_A_PATH = 80  # characters
# What tempfile says, as of a file that is missing, when it can write nowhere.
NO_TEMPORARY = "No usable temporary directory found"
# What Path.expanduser says, in an error without a type of its own, of a user without a home.
NO_HOME = "Could not determine home directory."


def unusable_machine(error: BaseException) -> PipelineError | None:
    """Return the error to tell where the system is the cause, None for any other.

    Args:
        error: With what it was raised from.
    """
    one: BaseException | None = error
    for _ in range(DEEPEST_CAUSE):
        told = told_of_system(one) if one is not None else None
        if told is not None or one is None:
            return told
        one = one.__cause__
    return None


def told_of_system(error: BaseException) -> PipelineError | None:
    """Return the error to tell where the system is the cause, None for any other.

    Args:
        error: One error, without what it was raised from.
    """
    if isinstance(error, OSError):
        return _of_number(error)
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return UnavailableError(DISK_FULL, hint=ROOM) if code == sqlite3.SQLITE_FULL else None
    if isinstance(error, RuntimeError) and str(error) == NO_HOME:
        return UnavailableError("~ stands for no folder here", hint="Set HOME to a folder")
    return None


def _of_number(error: OSError) -> PipelineError | None:
    path = str(error.filename or "")
    if NO_TEMPORARY in str(error):
        return UnavailableError(
            "No folder for temporary files can be written: its disk is full or read-only",
            hint=f"Make room in {tempfile.tempdir or 'TMPDIR or /tmp'}, or set TMPDIR to a folder",
        )
    if error.errno == errno.ENAMETOOLONG:
        return InputError(
            f"A path is longer than this disk takes: {path[:MOST_OF_A_PATH]}…",
            hint="Name one that exists, or give it and its folders shorter names",
        )
    meaning = MEANINGS.get(error.errno or 0)
    if meaning is None:
        return None
    cause, hint, kind = meaning
    shown = path if len(path) <= MOST_OF_A_PATH else f"{path[:MOST_OF_A_PATH]}…"
    return kind(f"{cause} ({shown})" if shown else cause, hint=hint)
