#!/usr/bin/env python3
"""
Space: disk space for a whole run, held against the other runs that write to the same disk.

What a run will write at most is noted in OUTPUT_ROOT/.reserved as long as it lives. Another run
finds free what is free on the disk without what the others have yet to write: ten films admitted
at once are counted ten times. A note counts while somebody holds its lock, so that a killed run
holds nothing. It counts whole where the job is another user's and not to be looked into: then it is
not known how much of it is written.

Usage:
    from shared.pipeline.plan.space import reserve_space

    with reserve_space(job_dir, output_root, needed): ...
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from shared.core.errors import UnavailableError
from shared.core.files import lock_within, make_folder, size_on_disk
from shared.pipeline.job.lifeline import close_own, keep_own

MIB = 1 << 20
RESERVED_FOLDER = ".reserved"
TURN_FILE = ".turn"
NOTE_SUFFIX = ".json"
DRAFT_SUFFIX = ".draft"
# Somebody who counts holds the turn for milliseconds; who is stopped there stops nobody.
TURN_SECONDS = 5.0
FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
# Whatever the umask: runs of other users have to see each other.
READABLE = 0o644


class NoSpaceError(UnavailableError):
    """There is not enough disk space for a run (exit code 3)."""


@contextmanager
def reserve_space(job_dir: Path, output_root: Path, needed: int) -> Iterator[None]:
    """Hold disk space for a run of a job.

    Where no note can be written, nothing is held, but the disk is looked at all the same.

    Args:
        job_dir: The job directory.
        output_root: Where the jobs of all films lie; runs that share it see each other.
        needed: Bytes that the run will write at most.

    Raises:
        NoSpaceError: There is not enough; with what is free and what others hold.
    """
    with turn(output_root / RESERVED_FOLDER):
        require_space(job_dir, output_root, needed)
        note = _write_note(output_root / RESERVED_FOLDER, job_dir, needed)
    try:
        yield
    finally:
        if note is not None:
            path, descriptor = note
            path.unlink(missing_ok=True)
            close_own(descriptor)


def require_space(job_dir: Path, output_root: Path, needed: int) -> None:
    """Look whether there is disk space for a run now, without holding it.

    Args:
        job_dir: The job directory.
        output_root: Where the jobs of all films lie.
        needed: Bytes that the run will write at most.

    Raises:
        NoSpaceError: There is not enough; with what is free and what others hold.
    """
    free = shutil.disk_usage(job_dir).free
    held = [_still_to_write(note) for note in _notes_of_others(job_dir, output_root)]
    if free - sum(held) >= needed:
        return
    runs = "another run" if len(held) == 1 else f"{len(held)} other runs"
    others = f", {sum(held) // MIB} MiB of it for {runs}" if held else ""
    raise NoSpaceError(
        f"Not enough disk space: {needed // MIB} MiB ({needed} bytes) needed, "
        f"{free // MIB} MiB ({free} bytes) free{others}",
        hint=f"Free space on the disk that holds {job_dir}"
        + (", or run it when they have ended" if held else ""),
    )


def jobs_at_work(output_root: Path) -> list[Path]:
    """Return the job directories in which runs work now, of all users.

    Args:
        output_root: Where the jobs of all films lie; need not exist.
    """
    found = []
    for path in sorted((output_root / RESERVED_FOLDER).glob("*" + NOTE_SUFFIX)):
        with suppress(OSError, ValueError, KeyError, TypeError):
            note = _living_note(path)
            found += [Path(note["job"])] if note else []
    return found


def _notes_of_others(job_dir: Path, output_root: Path) -> Iterator[dict[str, Any]]:
    """Yield the notes of living runs of other jobs on the same disk; remove those of dead ones."""
    device = job_dir.stat().st_dev
    for path in (output_root / RESERVED_FOLDER).glob("*" + NOTE_SUFFIX):
        with suppress(OSError, ValueError, KeyError, TypeError):
            note = _living_note(path)
            if note and note["device"] == device and Path(note["job"]) != job_dir:
                yield note


def _living_note(path: Path) -> dict[str, Any] | None:
    """Return a note whose run lives; remove it otherwise."""
    descriptor = os.open(path, FLAGS | os.O_RDONLY)
    try:
        if lock_within(descriptor, fcntl.LOCK_EX, 0.0):
            path.unlink(missing_ok=True)
            return None
        note = json.loads(os.pread(descriptor, 1 << 16, 0))
        return {**note, "bytes": int(note["bytes"]), "had": int(note["had"])}
    finally:
        os.close(descriptor)


def _still_to_write(note: dict[str, Any]) -> int:
    """Return how many of a run's bytes are not on the disk yet."""
    written = size_on_disk(Path(note["job"])) - int(note["had"])
    return max(0, int(note["bytes"]) - max(0, written))


def _write_note(folder: Path, job_dir: Path, needed: int) -> tuple[Path, int] | None:
    """Note what a run will write; return the note and the descriptor that holds it."""
    path = folder / f"{secrets.token_hex(8)}{NOTE_SUFFIX}"
    # Whoever finds a note that nobody holds removes it: it gets its name when it is held.
    draft = path.with_suffix(DRAFT_SUFFIX)
    note = {"job": str(job_dir), "bytes": needed, "had": size_on_disk(job_dir)}
    try:
        descriptor = keep_own(open_readable(draft, os.O_EXCL))
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(descriptor, json.dumps(note | {"device": job_dir.stat().st_dev}).encode())
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        close_own(descriptor)
        return None
    return path, descriptor


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Let one run at a time look and note; without end it waits for nobody.

    Args:
        folder: Of the notes; made where it is not there.
    """
    descriptor = -1
    with suppress(OSError):
        if not folder.is_dir():
            make_folder(folder, 0o1777)  # as /tmp: each user's notes are their own
        descriptor = keep_own(_open_turn(folder / TURN_FILE))
        lock_within(descriptor, fcntl.LOCK_EX, TURN_SECONDS)
    try:
        yield
    finally:
        if descriptor >= 0:
            close_own(descriptor)


def _open_turn(path: Path) -> int:
    try:
        return open_readable(path)
    except PermissionError:  # another user's: to hold it, reading is enough
        return os.open(path, FLAGS | os.O_RDONLY)


def open_readable(path: Path, flags: int = 0) -> int:
    """Open a file to write, made where it is not there, that every user may read.

    Args:
        path: The file.
        flags: More than those.

    Returns:
        Its descriptor, which the caller closes.

    Raises:
        OSError: It cannot be had.
    """
    descriptor = os.open(path, FLAGS | os.O_RDWR | os.O_CREAT | flags, READABLE)
    with suppress(OSError):  # a file system without rights has none to give
        os.fchmod(descriptor, READABLE)
    return descriptor
