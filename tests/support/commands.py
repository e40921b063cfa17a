#!/usr/bin/env python3
"""
Commands: the project's own commands as a user starts them, and what a user then sees.

Usage:
    from tests.support.commands import assert_refused, run_command

    assert_refused(run_command("./prepare-job.sh", "--media", "gone.mkv"), 2, "No such file")
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared.core.paths import PROJECT_ROOT

COMMAND_SECONDS = 60.0
PARALLEL = 4
Finished = subprocess.CompletedProcess[str]


def run_command(*command: str | Path, root: Path = PROJECT_ROOT) -> Finished:
    """Run a command in a checkout, with this test's environment variables.

    Args:
        command: './run-pipeline.sh' or another program of the checkout, and its arguments.
        root: The checkout.

    Returns:
        Exit code, standard output and standard error as text.
    """
    return subprocess.run(
        [str(part) for part in command],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def run_all(commands: Sequence[Sequence[str | Path]]) -> list[Finished]:
    """Run several commands at once; return what became of each, in order.

    Args:
        commands: Each with its arguments.
    """
    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(lambda command: run_command(*command), commands))


def start_command(*command: str | Path) -> subprocess.Popen[str]:
    """Start a command of the project and leave it running.

    Args:
        command: As for run_command.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something to come true.

    Args:
        true: Asked again and again.
        seconds: Longest wait.

    Raises:
        AssertionError: When it does not.
    """
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.02)


def assert_refused(result: Finished, code: int, cause: str, hint: str = "") -> None:
    """Assert that a command ended with one line of cause and one of hint, and no traceback.

    Args:
        result: What the command did.
        code: The exit code it must have.
        cause: Text that the line 'error: …' must hold.
        hint: Text that the line 'hint: …' must hold.
    """
    lines = result.stderr.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    hints = [line for line in lines if line.startswith("hint: ")]
    assert result.returncode == code, result.stderr
    assert len(errors) == 1 and cause in errors[0], result.stderr
    assert len(hints) == 1 and hint in hints[0], result.stderr
    assert hints[0] != "hint: "
    assert "Traceback" not in result.stderr
