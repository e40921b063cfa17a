#!/usr/bin/env python3
"""
Breaker file: the state of a circuit breaker in a file that all processes and films share.

    {"state": "open", "failures": 5, "opened_at": 1767225600.0, "probe": ""}

Written whole, under a lock that is held for one reading and writing. What cannot be read is no
state: the service is asked. What cannot be written stays in this process. A time that lies ahead
is one from before the clock was set back: it is over.

While one process asks whether the service is back (half-open), the others see the circuit as open
since that moment, so that one call alone goes through; if that process dies, the next one asks
after the usual time.

Usage:
    from shared.services.breaker_file import BreakerFile

    CircuitBreaker(state_storage=BreakerFile(folder / "tmdb.json", recovery=300.0))
"""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pybreaker import (
    STATE_CLOSED,
    STATE_HALF_OPEN,
    STATE_OPEN,
    CircuitBreakerError,
    CircuitBreakerStorage,
)
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from shared.core.files import write_json

STATES = frozenset({STATE_CLOSED, STATE_OPEN, STATE_HALF_OPEN})
LOCK_NAME = ".lock"
LOCK_SECONDS, LOCK_POLL_SECONDS = 2.0, 0.01
LONGEST_RECORD = 4096
MOST_FAILURES = 1_000_000


@dataclass
class Record:
    """What the file holds; `opened_at` in seconds since 1970, 0 = never; `probe`: who asks."""

    state: str = STATE_CLOSED
    failures: int = 0
    opened_at: float = 0.0
    probe: str = ""


class BreakerFile(CircuitBreakerStorage):
    """State of one service.

    Args:
        path: Its file; its folder is made when there is something to keep.
        recovery: Seconds that the circuit stays open.
    """

    def __init__(self, path: Path, recovery: float) -> None:
        super().__init__(path.stem)
        self._path = path
        self._recovery = recovery
        self._me = uuid.uuid4().hex
        self._alone: Record | None = None
        self._successes = 0

    @property
    def state(self) -> str:
        """The state as this process is to see it."""
        record = self._record()
        if record.state == STATE_HALF_OPEN and record.probe != self._me:
            return STATE_OPEN
        return record.state

    @state.setter
    def state(self, state: str) -> None:
        with self._changing() as record:
            if state == STATE_HALF_OPEN:
                if record.state != STATE_CLOSED and self._seconds_left(record) > 0:
                    raise CircuitBreakerError("another process asks just now")
                record.opened_at = time.time()
            record.probe = self._me if state == STATE_HALF_OPEN else ""
            record.state = state

    @property
    def opened_at(self) -> datetime | None:
        """When the circuit was opened, None when that is over."""
        record = self._record()
        if self._seconds_left(record) <= 0:
            return None
        return datetime.fromtimestamp(record.opened_at, UTC)

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        with self._changing() as record:
            record.opened_at = moment.timestamp()

    @property
    def counter(self) -> int:
        """Failures one after another."""
        return self._record().failures

    @property
    def success_counter(self) -> int:
        """Successes of this process while the circuit is half-open."""
        return self._successes

    def increment_counter(self) -> None:
        """Count a failure."""
        with self._changing() as record:
            record.failures = min(record.failures + 1, MOST_FAILURES)

    def reset_counter(self) -> None:
        """Forget the failures; where there are none, nothing is written."""
        if self._record().failures:
            with self._changing() as record:
                record.failures = 0

    def increment_success_counter(self) -> None:
        """Count a success."""
        self._successes += 1

    def reset_success_counter(self) -> None:
        """Forget the successes."""
        self._successes = 0

    def open_until(self) -> float:
        """Return when the service may be asked again, in seconds since 1970."""
        return time.time() + max(0.0, self._seconds_left(self._record()))

    def _seconds_left(self, record: Record) -> float:
        """Return how long the circuit stays open; of a time that lies ahead nothing is left."""
        passed = time.time() - record.opened_at
        return self._recovery - passed if passed >= 0 else 0.0

    def _record(self) -> Record:
        return replace(self._alone) if self._alone is not None else _read(self._path)

    @contextmanager
    def _changing(self) -> Iterator[Record]:
        """Hand out the record to be changed, under the lock, and write it; else keep it here."""
        descriptor = None
        try:
            descriptor = _lock(self._path.parent)
            record = self._record()
        except OSError:
            record = self._record()
        try:
            yield record
            if self._alone is None and descriptor is not None:
                write_json(self._path, asdict(record))
            else:
                self._alone = record
        except OSError:
            self._alone = record
        finally:
            if descriptor is not None:
                os.close(descriptor)


def _lock(folder: Path) -> int:
    """Return the descriptor that holds the lock of a folder's files.

    Raises:
        OSError: There is no such folder to be had, or somebody holds the lock for ever.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink():
        raise OSError(errno.ELOOP, "a link where none belongs", str(folder))
    path = folder / LOCK_NAME
    flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags | os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:  # another user's: to hold it, reading is enough
        descriptor = os.open(path, flags | os.O_RDONLY)
    patient = Retrying(
        retry=retry_if_exception_type(BlockingIOError),
        stop=stop_after_delay(LOCK_SECONDS),
        wait=wait_fixed(LOCK_POLL_SECONDS),
        reraise=True,
    )
    try:
        patient(fcntl.flock, descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _read(path: Path) -> Record:
    """Return what a file says, the state of a service that works when it says nothing usable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Record()
            content = json.loads(stream.read(LONGEST_RECORD))
    except (OSError, ValueError, RecursionError):
        return Record()
    return _checked(content)


def _checked(content: Any) -> Record:
    if not isinstance(content, dict) or set(content) != {field.name for field in fields(Record)}:
        return Record()
    record = Record(**content)
    is_sound = (
        isinstance(record.state, str)
        and record.state in STATES
        and type(record.failures) is int
        and 0 <= record.failures <= MOST_FAILURES
        and type(record.opened_at) in {int, float}
        and math.isfinite(record.opened_at)
        and isinstance(record.probe, str)
    )
    return record if is_sound else Record()
