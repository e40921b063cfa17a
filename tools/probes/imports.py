#!/usr/bin/env python3
"""
Probe of an environment that has none of its own: every package it was made for is imported.

Usage:
    venv/<env>/bin/python tools/probes/imports.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import importlib
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from shared.core.ran.packages import plain_name  # noqa: E402
from tools.probes.probe import PROJECT_ROOT, require, run_probe  # noqa: E402

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def import_all(device: str) -> str:
    """Import what the environment's requirements name; return a line about it.

    Args:
        device: Where it would work; importing touches none.

    Raises:
        RuntimeError: A package that is required is not there.
        ImportError: One cannot be imported.
    """
    wanted = required(Path(sys.prefix).name)
    modules: dict[str, list[str]] = {}
    for module, distributions in packages_distributions().items():
        for one in distributions:
            modules.setdefault(plain_name(one), []).append(module)
    for name in wanted:
        require(name in modules, f"{name} is not installed")
        public = [module for module in modules[name] if not module.startswith("_")]
        for module in public or modules[name]:
            importlib.import_module(module)
    return f"imported {', '.join(wanted) or 'nothing: it requires nothing of its own'}"


def required(env: str) -> list[str]:
    """Return the packages that an environment's requirements name themselves, normalised.

    Args:
        env: Its name.
    """
    path = PROJECT_ROOT / "requirements" / f"requirements-{env}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [plain_name(match[0]) for line in lines if (match := NAME.match(line.strip()))]


if __name__ == "__main__":
    run_probe("imports", import_all)
