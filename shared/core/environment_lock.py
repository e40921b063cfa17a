#!/usr/bin/env python3
"""
Environment lock: set-up changes no environment that a stage is using, and no stage starts in one
that is being set up.

The lock is an flock on `venv/.<name>.lock`, beside the environment, which set-up may clear. Whoever
uses the environment shares it, set-up holds it alone. To share it, reading the file is enough: a
user who may not write to `venv` locks as well. Waiting has an end, whoever holds it.

Standard library only: bootstrap uses this before any environment exists.

Usage:
    from shared.core.environment_lock import hold_alone, share

    descriptor = share(Path("venv/demucs"), wait=600.0)      # until it is closed
    with hold_alone(Path("venv/demucs"), wait=10.0): ...
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.core.errors import UnavailableError
from shared.core.files import lock_within

# A start-up that finds the environment being set up gives up: it may be half gone.
START_WAIT = 10.0
# A job that finds one of its environments being set up waits: a set-up from nothing takes minutes.
SET_UP_WAIT = 900.0
READABLE = 0o644
BEYOND_STANDARD = 3
_own: list[int] = []


class EnvironmentsInUse:
    """Environments that a run uses: from the first stage that needs one until the run ends."""

    def __init__(self) -> None:
        self._held: dict[Path, int | None] = {}

    def use(self, folder: Path) -> None:
        """Hold set-up off an environment; one that is being set up is waited for.

        Args:
            folder: The environment.

        Raises:
            UnavailableError: Its set-up does not end.
        """
        if self._held.get(folder) is None:
            self._held[folder] = share(folder, SET_UP_WAIT)

    def release(self) -> None:
        """Let set-up change them again."""
        for descriptor in self._held.values():
            if descriptor is not None:
                os.close(descriptor)
        self._held.clear()


def share(folder: Path, wait: float) -> int | None:
    """Hold set-up off an environment until the descriptor is closed or the process ends.

    Args:
        folder: The environment.
        wait: Longest wait in seconds for a set-up that goes on.

    Returns:
        The descriptor, not inherited; None where there is no such lock to be had: the folder is
        none of ours, or nobody has set it up since there are locks and this user cannot make one.

    Raises:
        UnavailableError: It is still being set up.
    """
    path = lock_of(folder)
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        opened = os.open(path, flags)
    except OSError:
        if not folder.parent.is_dir() or not os.access(folder.parent, os.W_OK):
            return None
        opened = os.open(path, flags | os.O_CREAT, READABLE)
    # Where standard output is closed, its number must not become the lock's.
    descriptor = fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, BEYOND_STANDARD)
    os.close(opened)
    if lock_within(descriptor, fcntl.LOCK_SH, wait):
        return descriptor
    os.close(descriptor)
    raise UnavailableError(
        f"The environment '{folder.name}' is being set up by another process",
        hint="Run the same command again when that has ended",
    )


def share_own(root: Path) -> None:
    """Hold set-up off the environment that this process runs in, as long as it lives.

    Args:
        root: The checkout; a Python from elsewhere is none of its environments.

    Raises:
        UnavailableError: It is being set up just now.
    """
    folder = Path(sys.prefix)
    if not _own and folder.parent.resolve() == (root / "venv").resolve():
        descriptor = share(folder, START_WAIT)
        if descriptor is not None:
            _own.append(descriptor)


def release_own() -> None:
    """Let set-up change the environment that this process runs in: it starts itself again then."""
    while _own:
        os.close(_own.pop())


@contextmanager
def hold_alone(folder: Path, wait: float) -> Iterator[None]:
    """Hold an environment alone, to change it.

    Args:
        folder: The environment; need not be there yet, the folder above it must.
        wait: Longest wait in seconds for those that use it.

    Raises:
        UnavailableError: It is still being used.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(lock_of(folder), flags, READABLE)
    try:
        if not lock_within(descriptor, fcntl.LOCK_EX, wait):
            raise UnavailableError(
                f"The environment '{folder.name}' is being used, by a job that runs or a tool",
                hint="Run ./bootstrap.sh again when that has ended",
            )
        yield
    finally:
        os.close(descriptor)


def lock_of(folder: Path) -> Path:
    """Return where the lock of an environment lies.

    Args:
        folder: The environment.
    """
    return folder.with_name(f".{folder.name}.lock")
