#!/usr/bin/env python3
"""
Engines: run tests inside an engine's environment, which holds no test tools.

The environments of the engines stay as the product needs them. pytest is lent to them: the folder
it lies in comes last on their path, so that their own packages win.

Usage:
    from tests.support.engines import run_inside

    run_inside("whisperx", Path(__file__), "test_asr")
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.environment_manager import EnvironmentManager

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LEND = """
import sys
sys.path.append(sys.argv.pop(1))
sys.path.insert(0, sys.argv.pop(1))
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def environment_python(name: str) -> Path | None:
    """Return the interpreter of an engine's environment, None if it does not exist."""
    python = PROJECT_ROOT / "venv" / name / "bin" / "python"
    return python if python.exists() else None


def run_inside(
    environment: str, test_file: Path, *arguments: str, under: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a test file with the interpreter of an environment and return what happened.

    Args:
        environment: Name of the environment, for example "whisperx".
        test_file: The test file.
        arguments: More arguments for pytest.
        under: The command that runs the interpreter, for example taskset with its options.
    """
    python = environment_python(environment)
    if python is None:
        pytest.skip(f"no environment {environment}: ./bootstrap.sh --env {environment}")
    lent = Path(pytest.__file__).resolve().parents[1]
    command = [*under, str(python), "-c", LEND, str(lent), str(PROJECT_ROOT)]
    return subprocess.run(
        [*command, "-q", "-n", "0", "-p", "no:cacheprovider", str(test_file), *arguments],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def make_tiny_model(
    environment: str, kind: str, folder: Path, maker: str = "tiny_models.py"
) -> Path:
    """Make a tiny model inside the environment that runs it; return its folder.

    Args:
        environment: Name of the environment.
        kind: What the maker makes.
        folder: A new folder.
        maker: A program in tests/support.
    """
    folder.mkdir()
    python = EnvironmentManager().python(environment)
    program = PROJECT_ROOT / "tests" / "support" / maker
    subprocess.run([python, program, kind, folder], check=True, capture_output=True)
    return folder
