#!/usr/bin/env python3
"""
Once: what is costly to make is made by the first test process that needs it, for all of them.

Usage:
    from tests.support.once import made_once

    with made_once(tmp_path_factory, "film") as shared:
        if not (shared / "film.mkv").exists(): make_film(shared / "film.mkv")
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def made_once(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """Hold a folder that all test processes share, so that the first one fills it.

    Args:
        tmp_path_factory: Of this process.
        name: What is made.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
