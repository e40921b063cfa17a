#!/usr/bin/env python3
"""
Profiled: runs a stage script as Python would, under cProfile, and ends with its exit code.

`python -m cProfile` ends with 0 whatever the script says; a stage's exit code must be its own.

Usage:
    python shared/pipeline/stage/profiled.py SCRIPT PROFILE_FILE
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

PROJECT_ROOT = Path(__file__).resolve().parents[3]
sys.path[0] = str(PROJECT_ROOT)  # not this folder, whose names are no modules of their own

from shared.pipeline.stage.performance import profile_stage  # noqa: E402


def run_script(script: Path) -> None:
    """Run a Python file as the main program.

    Args:
        script: The file.

    Raises:
        SystemExit: The script called sys.exit().
    """
    main = ModuleType("__main__")
    main.__file__ = str(script)
    sys.modules["__main__"] = main
    sys.argv = [str(script)]
    sys.path[0:0] = [str(script.parent)]
    exec(compile(script.read_bytes(), str(script), "exec"), main.__dict__)


def run_profiled(script: Path, profile: Path) -> None:
    """Run a script under the profiler; a profile that cannot be written fails nothing.

    Args:
        script: Path of a Python file that ends with sys.exit().
        profile: Where its profile goes.

    Raises:
        BaseException: Whatever ended the script, SystemExit as a rule.
    """
    ended: list[BaseException] = []

    def work() -> None:
        try:
            run_script(script)
        except BaseException as how:  # goes on below, once the profile is saved
            ended.append(how)

    try:
        profile_stage(work, profile)
    except OSError as error:
        sys.stderr.write(f"The profile cannot be written: {error}\n")
    if ended:
        raise ended[0]


if __name__ == "__main__":
    run_profiled(Path(sys.argv[1]), Path(sys.argv[2]))
