#!/usr/bin/env python3
"""Checkout: a copy of the program with its environment `common`, for tests that change it."""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.core.environment_stamp import STAMP_NAME
from shared.core.paths import PROJECT_ROOT

FOLDERS = ("config", "glossary", "requirements", "scripts", "shared", "tools")


def copy_checkout(target: Path, python: Path) -> Path:
    """Copy the program; its environment has its own folder, and the packages of the original.

    Args:
        target: The folder to make.
        python: What the copy's environment runs: of the version of the original.

    Returns:
        The folder.
    """
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", ".env.local", "secrets.json")
        shutil.copytree(PROJECT_ROOT / name, target / name, ignore=ignored)
    for script in PROJECT_ROOT.glob("*.sh"):
        shutil.copy(script, target)
    original = PROJECT_ROOT / "venv" / "common"
    environment = target / "venv" / "common"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(python)
    (environment / "lib").symlink_to(original / "lib")
    (environment / "pyvenv.cfg").write_text(f"home = {python.parent}\n")
    shutil.copy(original / STAMP_NAME, environment)
    (target / "venv" / ".uv").symlink_to(PROJECT_ROOT / "venv" / ".uv")
    return target
