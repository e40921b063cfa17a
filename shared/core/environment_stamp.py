#!/usr/bin/env python3
"""
Environment stamp: what bootstrap leaves in an environment as its last step, and what lies in one.

Standard library only: bootstrap uses this before any environment exists.

Usage:
    from shared.core.environment_stamp import read_stamp

    stamp = read_stamp(Path("venv/whisperx"))  # None: its set-up was not finished
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from shared.core.files import read_record

STAMP_NAME = ".bootstrap.json"
STAMP_VERSION = 1
STAMP_TEXTS = ("lock_sha256", "torch_source", "python")
STAMP_LISTS = ("entries", "distributions")
PYTHON_START_SECONDS = 20.0


def read_stamp(folder: Path) -> dict[str, Any] | None:
    """Return the stamp that bootstrap left in an environment, or None without a whole one.

    Args:
        folder: The environment's folder.
    """
    stamp = read_record(folder / STAMP_NAME) or {}
    lists = [stamp.get(key) for key in STAMP_LISTS]
    texts = [stamp.get(key) for key in STAMP_TEXTS]
    texts += [text for one in lists if isinstance(one, list) for text in one]
    is_whole = stamp.get("schema_version") == STAMP_VERSION and all(
        [isinstance(one, list) for one in lists] + [isinstance(text, str) for text in texts]
    )
    return stamp if is_whole else None


def list_packages(folder: Path) -> list[str]:
    """Return the names in an environment's package folder, caches left out, sorted.

    Args:
        folder: The environment's folder.

    Raises:
        OSError: There is no package folder.
    """
    site_packages = next(iter(sorted(folder.glob("lib/python3.*/site-packages"))), None)
    if site_packages is None:
        raise FileNotFoundError(f"no package folder in {folder}")
    return sorted(path.name for path in site_packages.iterdir() if path.name != "__pycache__")


def starts(python: Path) -> bool:
    """Return whether an environment's Python runs.

    Args:
        python: The program; -S spares it the packages' own start-up files.
    """
    try:
        result = subprocess.run(
            [str(python), "-I", "-S", "-c", ""],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PYTHON_START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0
