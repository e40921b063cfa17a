#!/usr/bin/env python3
"""
Commands: the project's own commands as a user starts them, and what a user then sees.

Usage:
    from tests.support.commands import assert_refused, run_command

    assert_refused(run_command("./prepare-job.sh", "--media", "gone.mkv"), 2, "No such file")
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from shared.config import known_keys
from shared.core.configuration.variables import PREFIX
from shared.core.paths import PROJECT_ROOT, SCRIPTS_DIR
from shared.pipeline.run.command_line import run_command as run_in_boundary

# Ends a hang and judges nothing: on a machine under load everything takes many times as long.
HANG_SECONDS = 120.0
# What Python compiled is copied with a checkout, or each copy would compile it again; but for what
# another process is writing at this moment.
HALF_COMPILED = "*.pyc.*"
COPIED_FOLDERS = ("scripts", "shared", "config", "requirements")
Finished = subprocess.CompletedProcess[str]


def run_command(
    *command: str | Path, root: Path = PROJECT_ROOT, seconds: float = HANG_SECONDS
) -> Finished:
    """Run a command in a checkout, with this test's environment variables.

    Args:
        command: './run-pipeline.sh' or another program of the checkout, and its arguments.
        root: The checkout.
        seconds: Longest run.

    Returns:
        Exit code, standard output and standard error as text.
    """
    return subprocess.run(
        [str(part) for part in command],
        cwd=root,
        env=None if root == PROJECT_ROOT else unmeasured(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def unmeasured(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those that have coverage measured: it counts no other checkout's.

    Args:
        variables: Of a process.
    """
    return {name: text for name, text in variables.items() if not name.startswith("COVERAGE_")}


def in_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings as variables of the environment; other variables stay as they are named.

    Args:
        settings: Name to value.
    """
    known = set(known_keys())
    return {PREFIX + name if name in known else name: text for name, text in settings.items()}


def run_script(name: str, *arguments: str | Path) -> Finished:
    """Run a command's script in a forked process: the real thing without Python's start.

    Args:
        name: 'prepare-job' or 'run-pipeline'.
        arguments: Of the command.

    Returns:
        The same as run_command.
    """
    command = [str(argument) for argument in arguments]
    main = _load_script(name).main
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            _become(lambda: int(main(command)), output.fileno(), errors.fileno())
        _, status = os.waitpid(child, 0)
        texts = [_content(stream) for stream in (output, errors)]
    return Finished(command, os.waitstatus_to_exitcode(status), *texts)


@functools.cache
def _load_script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS_DIR / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _become(command: Callable[[], int], output: int, errors: int) -> NoReturn:
    """Turn this forked process into a command; never returns into the test."""
    code: Any = 70
    try:
        os.chdir(PROJECT_ROOT)
        for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (errors, 2)):
            os.dup2(descriptor, target)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
        code = run_in_boundary(command)
    except SystemExit as leaving:  # --help
        code = leaving.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8")


def copy_checkout(root: Path) -> Path:
    """Copy what a run needs of this checkout, with one environment, common; return the copy.

    Args:
        root: Where the copy goes; must not exist.
    """
    root.mkdir()
    ignored = shutil.ignore_patterns(HALF_COMPILED, "secrets.json")
    for folder in COPIED_FOLDERS:
        shutil.copytree(PROJECT_ROOT / folder, root / folder, ignore=ignored)
    for name in ("run-pipeline.sh", "prepare-job.sh"):
        shutil.copy2(PROJECT_ROOT / name, root)
    (root / "venv").mkdir()
    (root / "venv" / "common").symlink_to(PROJECT_ROOT / "venv" / "common")
    return root


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


def wait_until(true: Callable[[], object], seconds: float = HANG_SECONDS) -> None:
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
