#!/usr/bin/env python3
"""
Growing: whether a film is still being written, by a recorder or a copy, so that no half is taken.

Usage:
    from shared.media.intake.growing import refuse_growing

    refuse_growing(path)
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from shared.core.errors import UnavailableError

# What nobody has changed for so long is not being written, seconds.
STILL = 120.0
HINT = "Run the same command again when it is whole"


class GrowingError(UnavailableError):
    """A film is still being written."""


def refuse_growing(path: Path) -> None:
    """Refuse a film that a program of this machine has open for writing.

    Args:
        path: The film.

    Raises:
        GrowingError: It is still being written.
    """
    if time.time() - path.stat().st_mtime > STILL:
        return
    writer = _writer(path)
    if writer:
        raise GrowingError(
            f"{path.name} is still being written by {writer}: {path.stat().st_size} bytes so far",
            hint=HINT,
        )


def refuse_grown(path: Path, size: int) -> None:
    """Refuse a film that became another while it was read.

    Args:
        path: The film.
        size: Bytes that it had.

    Raises:
        GrowingError: It has another size now.
    """
    now = path.stat().st_size
    if now != size:
        raise GrowingError(
            f"{path.name} is still being written: {size} bytes before it was read, {now} after",
            hint=HINT,
        )


def _writer(path: Path) -> str | None:
    """Return the name of a process that has a file open for writing, as far as we may see."""
    import psutil

    wanted = os.path.realpath(path)
    for process in psutil.process_iter(["pid", "name"]):
        try:
            opened = process.open_files()
        except (psutil.Error, OSError):  # another user's, or just ended
            continue
        for one in opened:
            # The mode is known on Linux alone; elsewhere players look like recorders.
            if one.path == wanted and any(sign in getattr(one, "mode", "") for sign in "wa+"):
                return str(process.info["name"])
    return None
