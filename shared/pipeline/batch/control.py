#!/usr/bin/env python3
"""
Control: batches found from any terminal, held while they run, and asked to do otherwise.

A request is a file in the batch's folder `requests`; the batch takes it away when it has heard it.

Usage:
    from shared.pipeline.batch.control import find_batches, hold_batch, request

    with hold_batch(root, record) as folder: ...
    request(folder, "pause")
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from shared.core.errors import InputError, UnavailableError
from shared.core.file_names import safe_file_name
from shared.core.files import lock_within, matching, read_record, write_json
from shared.pipeline.batch.record import (
    BATCH_FILE,
    BATCH_PREFIX,
    LOCK_FILE,
    BatchRecord,
    write_batch,
)
from shared.pipeline.job.lifeline import close_own, keep_own
from shared.pipeline.prepare.same_film import alone
from shared.pipeline.prepare.shared_folders import make_shared_folder

Verb = Literal["pause", "resume", "stop", "cancel", "first"]
REQUESTS = "requests"
ANSWER_SECONDS = 10.0
LOOK_SECONDS = 0.05


class RunningBatchError(UnavailableError):
    """A batch of the same is running (exit code 3)."""


@contextmanager
def hold_batch(root: Path, record: BatchRecord) -> Iterator[Path]:
    """Make the folder of a batch and hold it as long as this process runs it.

    Args:
        root: Where jobs of all dates and users lie.
        record: Its batch.json.

    Yields:
        The folder.

    Raises:
        RunningBatchError: A batch of the same is running.
        UnavailableError: The folder cannot be made.
    """
    with alone(root, record.user):
        for folder in filter(is_running, find_batches(root)):
            other = read_record(folder / BATCH_FILE) or {}
            if other.get("key") == record.key:
                raise RunningBatchError(
                    f"A batch of the same is running: process {other.get('pid')}, {folder}",
                    hint="./run-pipeline.sh status shows it; it goes through new films when it "
                    "is started again after its end",
                )
        folder, descriptor = _make(root, record)
    try:
        yield folder
    finally:
        close_own(descriptor)


def _make(root: Path, record: BatchRecord) -> tuple[Path, int]:
    now = datetime.now().astimezone()
    try:
        parent = make_shared_folder(root, f"{now:%Y/%m/%d}/{safe_file_name(record.user)}")
        folder = _next_folder(parent)
        (folder / REQUESTS).mkdir()
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        descriptor = keep_own(os.open(folder / LOCK_FILE, flags, 0o600))
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        write_batch(folder, record)
    except OSError as error:
        raise UnavailableError(
            f"Cannot write to {root}: {error.strerror}", hint="Make it writable, or free disk space"
        ) from error
    return folder, descriptor


def _next_folder(parent: Path) -> Path:
    numbers = [_number(path) for path in parent.glob(f"{BATCH_PREFIX}*")]
    number = 1 + max(numbers, default=0)
    while True:
        folder = parent / f"{BATCH_PREFIX}{number}"
        with suppress(FileExistsError):
            folder.mkdir(0o700)
            return folder
        number += 1


def find_batches(root: Path) -> list[Path]:
    """Return the folders of this user's batches, the newest first.

    Args:
        root: Where jobs of all dates and users lie.
    """
    pattern = f"[0-9]*/[0-9]*/[0-9]*/*/{BATCH_PREFIX}*"
    found = [path for path in matching(root, pattern) if _is_own(path)]
    return sorted(found, key=lambda one: (one.parents[1], _number(one)), reverse=True)


def _is_own(folder: Path) -> bool:
    """Return whether a folder is a batch of this user, who may look into it."""
    try:
        return folder.stat().st_uid == os.geteuid() and (folder / BATCH_FILE).is_file()
    except OSError:
        return False


def is_running(folder: Path) -> bool:
    """Return whether a process runs a batch now.

    Args:
        folder: Of the batch.
    """
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return not lock_within(descriptor, fcntl.LOCK_SH, 0.0)
    finally:
        os.close(descriptor)


def running_batch(root: Path) -> Path:
    """Return the batch of this user that runs.

    Args:
        root: Where jobs of all dates and users lie.

    Raises:
        InputError: None runs, or several do.
    """
    running = [folder for folder in find_batches(root) if is_running(folder)]
    if len(running) == 1:
        return running[0]
    if not running:
        raise InputError("No batch is running", hint="./run-pipeline.sh batch DIR -s hi -t en")
    raise InputError(
        f"{len(running)} batches are running: {', '.join(map(str, running))}",
        hint="Name the folder of one with --batch",
    )


def request(folder: Path, verb: Verb, film: str = "") -> bool:
    """Ask a running batch to do otherwise; return whether it has heard.

    Args:
        folder: Of the batch.
        verb: What it is asked to do.
        film: Path of the film that this is about.

    Raises:
        UnavailableError: The batch is another user's.
    """
    path = folder / REQUESTS / f"{time.time_ns()}-{os.getpid()}.json"
    try:
        write_json(path, {"verb": verb, "film": film})
    except OSError as error:
        raise UnavailableError(f"Cannot write to {folder}: {error.strerror}") from error
    deadline = time.monotonic() + ANSWER_SECONDS
    while path.exists() and time.monotonic() < deadline and is_running(folder):
        time.sleep(LOOK_SECONDS)
    heard = not path.exists()
    path.unlink(missing_ok=True)
    return heard


def take_requests(folder: Path) -> list[tuple[str, str]]:
    """Return what a batch was asked since the last look: verb and film each.

    Args:
        folder: Of the batch.
    """
    taken = []
    for path in sorted((folder / REQUESTS).glob("*.json")):
        asked = read_record(path) or {}
        path.unlink(missing_ok=True)
        taken.append((str(asked.get("verb")), str(asked.get("film", ""))))
    return taken


def _number(path: Path) -> int:
    text = path.name.removeprefix(BATCH_PREFIX)
    return int(text) if text.isascii() and text.isdigit() else 0
