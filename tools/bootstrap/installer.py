#!/usr/bin/env python3
"""
Installer: brings uv itself into venv/.uv with pip, at the pinned version.

pip is what every Python has, and it honours the user's own settings; uv then makes everything else.

Usage:
    from tools.bootstrap.installer import ensure_uv

    uv = ensure_uv(project_root, python, runner, say=print)
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from shared.core.errors import DependencyError
from shared.core.ran.packages import PIN
from tools.bootstrap.command import Runner
from tools.bootstrap.settings import read_pip_settings, uv_file_keys, uv_settings

CACHE_VARIABLES = ("UV_CACHE_DIR", "UV_NO_CACHE", "XDG_CACHE_HOME")
PIP_MISSING_HINT = "Where venv is a package of its own: sudo apt-get install python3-venv"


def ensure_uv(root: Path, python: Path, runner: Runner, say: Callable[[str], None]) -> Path:
    """Return the pinned uv, installed first where it is missing or of another version.

    Args:
        root: The checkout.
        python: The Python to make its environment with.
        runner: Runs pip.
        say: Tells the person what happens.

    Raises:
        DependencyError: venv or pip failed.
    """
    folder = root / "venv" / ".uv"
    lock = root / "requirements" / "locks" / "uv.txt"
    match = PIN.search(lock.read_text(encoding="utf-8"))
    version = match["version"] if match else ""
    uv = folder / "bin" / "uv"
    installed = any(folder.glob(f"lib/python3.*/site-packages/uv-{version}.dist-info"))
    own_python = folder / "bin" / "python"
    if installed and uv.is_file() and own_python.exists():
        return uv
    say(f"uv {version}: installing with pip")
    shutil.rmtree(folder, ignore_errors=True)
    runner.run([str(python), "-m", "venv", str(folder)], "venv failed", PIP_MISSING_HINT)
    command = [str(own_python), "-m", "pip", "install", "--disable-pip-version-check"]
    runner.run(
        [*command, "--quiet", "--require-hashes", "--requirement", str(lock)],
        f"uv {version} could not be installed",
        "Check the network and pip's settings: python3 -m pip config list",
    )
    if not uv.is_file():
        raise DependencyError(f"uv {version} was installed without its program", str(lock))
    return uv


def uv_runner(root: Path, runner: Runner) -> Runner:
    """Return a runner whose environment points uv to where pip would install from.

    Args:
        root: The checkout, with uv's own environment in it.
        runner: The runner to extend.
    """
    pip = read_pip_settings(root / "venv" / ".uv" / "bin" / "python", runner.environment)
    extra = uv_settings(runner.environment, pip, uv_file_keys(runner.environment))
    if not _has_place_for_a_cache(runner.environment):
        extra["UV_CACHE_DIR"] = str(root / "venv" / ".uv-cache")
    return replace(runner, environment={**runner.environment, **extra})


def _has_place_for_a_cache(environment: Mapping[str, str]) -> bool:
    """Whether uv finds a folder for its cache, or needs none.

    In a container there may be no home: uv would take whatever folder it is called from.
    """
    if any(environment.get(name) for name in CACHE_VARIABLES):
        return True
    return os.access(environment.get("HOME") or os.devnull, os.W_OK | os.X_OK)
