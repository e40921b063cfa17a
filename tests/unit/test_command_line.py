#!/usr/bin/env python3
"""Tests of shared/pipeline/command_line.py, each command in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from shared.core.errors import InputError
from shared.core.paths import PROJECT_ROOT
from shared.pipeline.command_line import CommandParser

PROLOGUE = f"""
import os, signal, sys, time
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from shared.core.errors import *
from shared.pipeline.command_line import run_command
def command():
    {{body}}
sys.exit(run_command(command))
"""


def run(body: str, **options: str) -> subprocess.CompletedProcess[str]:
    """Run a command with this body inside the error boundary."""
    return subprocess.run(
        [sys.executable, "-c", PROLOGUE.format(body=body)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **options},
        check=False,
    )


def test_an_exit_code_goes_through() -> None:
    assert run("return 7").returncode == 7


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_with_130_and_one_line(name: str) -> None:
    if signal.getsignal(getattr(signal, name)) == signal.SIG_IGN:
        pytest.skip("ignored by whoever runs the tests, as nohup does")
    result = run(f"os.kill(os.getpid(), signal.{name}); time.sleep(9)")
    assert result.returncode == 130
    cause, hint = result.stderr.splitlines()
    assert cause in {f"error: Stopped by {name}", "error: Interrupted"}
    assert hint == "hint: Run the same command again to go on"


def test_an_error_in_any_alphabet_can_be_told_on_any_terminal() -> None:
    result = run(
        "raise UnavailableError('नहीं\\nहै', hint='करो')", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert result.returncode == 3
    cause, hint = result.stderr.splitlines()
    assert cause.startswith("error: \\u0928") and hint.startswith("hint: \\u0915")


def test_a_closed_reader_ends_quietly() -> None:
    code = PROLOGUE.format(body="[print('x' * 1000, flush=True) for _ in range(1000)]")
    pipe = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert pipe.stdout is not None and pipe.stderr is not None
    pipe.stdout.read(10)
    pipe.stdout.close()
    assert pipe.stderr.read() == b""
    pipe.stderr.close()
    assert pipe.wait(20) not in {0, -signal.SIGPIPE}


def test_a_wrong_option_is_a_users_error() -> None:
    parser = CommandParser(prog="./run-pipeline.sh")
    parser.add_argument("--year", type=int)
    for arguments in (["--yeer", "2"], ["--year", "soon"], ["extra"]):
        with pytest.raises(InputError) as caught:
            parser.parse_args(arguments)
        assert caught.value.exit_code == 2
        assert caught.value.hint == "./run-pipeline.sh --help"
