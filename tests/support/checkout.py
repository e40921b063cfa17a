#!/usr/bin/env python3
"""Checkout: a copy of the program with its environment `common`, for tests that change it."""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.core.environment_stamp import STAMP_NAME
from shared.core.files import read_json, write_json
from shared.core.paths import PROJECT_ROOT
from tests.support.commands import HALF_COMPILED

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
        ignored = shutil.ignore_patterns(HALF_COMPILED, ".env.local", "secrets.json")
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


def lend_environment(checkout: Path, name: str, without: str = "") -> Path:
    """Give a copy an environment of the original, but for one package; return its folder.

    Args:
        checkout: Of copy_checkout.
        name: The environment; one that the copy has is replaced.
        without: The package's module, "" = nothing is left out.
    """
    original, folder = PROJECT_ROOT / "venv" / name, checkout / "venv" / name
    shutil.rmtree(folder, ignore_errors=True)
    (source,) = original.glob("lib/python3.*/site-packages")
    packages = folder / source.relative_to(original)
    packages.mkdir(parents=True)
    for entry in source.iterdir():
        if not without or not entry.name.lower().replace("-", "_").startswith(without):
            (packages / entry.name).symlink_to(entry)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to((original / "bin" / "python").resolve())
    shutil.copy(original / "pyvenv.cfg", folder)
    stamp = read_json(original / STAMP_NAME)
    here = {entry.name for entry in packages.iterdir()}
    stamp["entries"] = [entry for entry in stamp["entries"] if entry in here]
    write_json(folder / STAMP_NAME, stamp)
    return folder
