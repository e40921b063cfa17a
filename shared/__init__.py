"""Shared modules of the pipeline: what every stage and every tool may import.

A script that somebody starts with a Python of no environment is told so here, before anything is
imported that such a Python lacks.
"""

import importlib.util
import sys
from pathlib import Path

SCRIPTS_DIR = Path(__file__).resolve().parent.parent / "scripts"
COMMANDS = ("run-pipeline", "prepare-job")
# A person's own Python has one or the other.
NEEDED = ("pydantic", "dotenv", "pythonjsonlogger", "psutil")
EXIT_INVALID = 2


def _refuse_bare_python() -> None:
    """End the process when it runs one of the scripts and lacks what each of them imports."""
    started = getattr(sys.modules.get("__main__"), "__file__", None)
    if started is None or Path(started).resolve().parent != SCRIPTS_DIR:
        return
    if all(importlib.util.find_spec(name) for name in NEEDED):
        return
    name = Path(started).stem
    if name in COMMANDS and {"-h", "--help"} & set(sys.argv[1:]):
        return  # help needs none of them
    cause, command = f"{name}.py runs with the Python of venv/common", f"./{name}.sh --help"
    if name not in COMMANDS:
        cause = "A stage script runs inside a job, with the Python of its environment"
        command = "./run-pipeline.sh WORKFLOW JOB_DIR --only STAGE"
    print(f"error: {cause}\nhint: {command}", file=sys.stderr)
    sys.exit(EXIT_INVALID)


_refuse_bare_python()
