#!/usr/bin/env python3
"""
By hand: a stage script that somebody starts with a Python of no environment says so.

Standard library only: it is asked before anything else of shared is imported.

Usage:
    from shared.core.by_hand import refuse_bare_python

    refuse_bare_python()
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

SCRIPTS_DIR = Path(__file__).resolve().parents[2] / "scripts"
NEEDED = "pydantic"
EXIT_INVALID = 2


def refuse_bare_python() -> None:
    """End the process, exit code 2, when it runs a script and lacks what every script imports."""
    started = getattr(sys.modules.get("__main__"), "__file__", None)
    if started is None or Path(started).resolve().parent != SCRIPTS_DIR:
        return
    if importlib.util.find_spec(NEEDED) is not None:
        return
    name = Path(started).stem
    cause, command = "A command has its own Python", f"./{name}.sh --help"
    if name not in ("run-pipeline", "prepare-job"):
        cause = "A stage script runs inside a job, with the Python of its environment"
        command = "./run-pipeline.sh WORKFLOW JOB_DIR --only STAGE"
    print(f"error: {cause}\nhint: {command}", file=sys.stderr)
    sys.exit(EXIT_INVALID)
