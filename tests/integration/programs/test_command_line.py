#!/usr/bin/env python3
"""Tests of shared/pipeline/run/command_line.py, each command in a process of its own."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.core.paths import PROJECT_ROOT
from shared.core.usage import CommandParser
from tests.support.commands import HANG_SECONDS, run_script, wait_until

PAGES = (
    PROJECT_ROOT / "README.md",
    *PROJECT_ROOT.glob("docs/*.md"),
    *PROJECT_ROOT.glob("glossary/*.md"),
)
TOOLS = sorted(
    {tool for page in PAGES for tool in re.findall(r"python3 (\S+\.py)", page.read_text())}
)
PROLOGUE = f"""
import os, signal, sys, time
sys.path.insert(0, {str(PROJECT_ROOT)!r})
from shared.core.errors import *
from shared.core.output import only_tells
from shared.pipeline.run.command_line import run_command
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


def shell(body: str, redirection: str) -> tuple[int, str, str]:
    """Run such a command in a shell with its streams redirected; return code, output, errors."""
    command = f'"$0" -c "$1" {redirection}; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, PROLOGUE.format(body=body)],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )
    return done.returncode, "" if "|" in redirection else done.stdout, done.stderr


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
    assert pipe.wait(HANG_SECONDS) not in {0, -signal.SIGPIPE}


CTRL_C_AMID_IMPORTS = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "shared.pipeline":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("script", ["run-pipeline", "prepare-job"])
def test_ctrl_c_while_a_command_starts_is_told_in_a_line(tmp_path: Path, script: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(CTRL_C_AMID_IMPORTS)
    command = [sys.executable, f"scripts/{script}.py", "transcribe", "none.mkv"]
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = "error: Interrupted\nhint: Run the same command again to go on\n"
    assert (done.returncode, done.stderr) == (130, told)


FULL = "Standard output cannot be written: No space left on device"


@pytest.mark.parametrize("body", ["print('the answer')", "raise SystemExit(print('help'))"])
def test_an_answer_that_a_full_disk_does_not_take_is_a_failure(body: str) -> None:
    code, _, told = shell(f"{body}; return 0", ">/dev/full")
    assert code == 1
    assert told == f"error: {FULL}\nhint: Write to another place, or make room there\n"
    # What failed for another reason says so, and with its own code.
    code, _, told = shell("print('a'); raise UnavailableError('gone', hint='look')", ">/dev/full")
    assert (code, told) == (3, "error: gone\nhint: look\n")


@pytest.mark.parametrize("reader", ["| head -c 1", "| true", ">/dev/full", ">&-", ">&- 2>&-"])
def test_output_that_only_tells_changes_no_exit_code(reader: str) -> None:
    body = "only_tells(); time.sleep(0.1); [print('x' * 1000, flush=True) for _ in range(99)]"
    code, _, told = shell(f"{body}; return 7", reader)
    assert (code, told) == (7, "")


@pytest.mark.parametrize("errors", ["2>/dev/full", "2>&-", "2> >(exit)"])
def test_an_error_stream_that_nobody_can_read_changes_nothing(errors: str) -> None:
    lines = "[sys.stderr.write('x' * 1000) for _ in range(99)]; print('the answer')"
    assert shell(f"time.sleep(0.1); {lines}; return 7", errors) == (7, "the answer\n", "")
    assert shell("raise UnavailableError('gone', hint='look')", errors)[0] == 3


def test_no_file_takes_the_place_of_a_closed_stream() -> None:
    body = "return os.open(os.devnull, os.O_RDONLY)"
    assert shell(body, "<&- >&- 2>&-")[0] >= 3


def waiting_bytes(descriptor: int) -> int:
    """Return how many bytes can be read from a pipe."""
    (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))
    return int(count)


def test_a_terminal_that_takes_nothing_for_a_while_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    lines = "[print('x' * 999) for _ in range(999)]; return 7"
    code = [sys.executable, "-c", PROLOGUE.format(body=lines)]
    child = subprocess.Popen(code, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    wait_until(lambda: waiting_bytes(reading) > select.PIPE_BUF)
    time.sleep(0.5)  # it meets the full pipe now, if it is as fast as usual
    with open(reading, "rb") as stream:
        assert len(stream.read()) == 999 * 1000
    assert child.communicate(timeout=HANG_SECONDS) == (None, b"")
    assert child.returncode == 7


def test_a_wrong_option_is_a_users_error() -> None:
    parser = CommandParser(prog="./run-pipeline.sh")
    parser.add_argument("--year", type=int)
    for arguments in (["--yeer", "2"], ["--year", "soon"], ["extra"]):
        with pytest.raises(InputError) as caught:
            parser.parse_args(arguments)
        assert caught.value.exit_code == 2
        assert caught.value.hint == "./run-pipeline.sh --help"


@pytest.mark.parametrize("tool", TOOLS)
def test_any_python_starts_the_tools_that_are_told_so(tool: str) -> None:
    bare = Path(sys.executable).resolve()  # beside no environment: it has none of our packages
    done = subprocess.run(
        [bare, "-S", PROJECT_ROOT / tool, "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "") and "usage: " in done.stdout


def test_a_command_that_is_started_inside_a_stage_is_no_stage(
    finished_job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = {"SCRATCH": "/nowhere/scratch", "JOB_DIR": "/nowhere/job", "RUNG": "2"}
    planted |= {f"{name}_FD": "999" for name in ("EVENTS", "LIFELINE", "LOCK", "START")}
    planted["STAGE_SCRATCH"] = planted.pop("SCRATCH")
    for name, value in planted.items():
        monkeypatch.setenv(f"CP_{name}", value)
    done = run_script(
        "run-pipeline", "transcribe", finished_job, "--to", "demux", "--force", "demux"
    )
    assert done.returncode == 0, done.stderr


def usable(path: Path) -> bool:
    """Return whether a file is a command that a person types."""
    return path.suffix == ".sh" or "CommandParser(" in path.read_text(encoding="utf-8")


COMMANDS = sorted(
    str(path.relative_to(PROJECT_ROOT))
    for pattern in ("*.sh", "scripts/*-*.py", "tools/*.sh", "tools/*.py", "tools/measure/*.py")
    for path in PROJECT_ROOT.glob(pattern)
    if usable(path)
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_commands_wrong_usage_is_one_error_with_a_hint(command: str) -> None:
    starter = ["bash"] if command.endswith(".sh") else [sys.executable]
    done = subprocess.run(
        [*starter, command, "--no-such-option"],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: ") and hint.startswith("hint: ") and hint.endswith("--help")


def test_no_command_parses_in_a_way_of_its_own() -> None:
    files = [*PROJECT_ROOT.glob("scripts/*.py"), *PROJECT_ROOT.glob("tools/**/*.py")]
    own = [path.name for path in files if "argparse.ArgumentParser(" in path.read_text()]
    assert len(COMMANDS) > 20 and own == []
