#!/usr/bin/env python3
"""
Install schedule: a batch every night by cron, systemd or launchd; printed, or installed.

Standard library only.

Usage:
    python3 tools/install-schedule.py cron --at 22:00 -- /films --recursive -s hi -t en --beside
    python3 tools/install-schedule.py systemd --at 22:00 --install -- /films -s hi -t en
    python3 tools/install-schedule.py launchd --at 22:00 -- /films -s hi -t en
"""

from __future__ import annotations

import argparse
import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.commands.batch_options import batch_parser  # noqa: E402
from shared.core.errors import DependencyError, InputError  # noqa: E402
from shared.core.usage import CommandParser, ended, usage_of  # noqa: E402

NAME = "cp-whisperx-batch"
MARK = f"# {NAME}"
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
# Where cron and systemd look for programs.
USUAL_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
SERVICE = """\
[Unit]
Description=CP-WhisperX: a night's films

[Service]
Type=exec
WorkingDirectory={folder}
Environment={path}
ExecStart={command}
KillMode=mixed
TimeoutStopSec=120
Nice=19
IOSchedulingClass=idle
CPUWeight=20
"""
TIMER = """\
[Unit]
Description=CP-WhisperX: a night's films

[Timer]
OnCalendar=*-*-* {hour:02d}:{minute:02d}:00
Persistent=true

[Install]
WantedBy=timers.target
"""


def main(argv: Sequence[str]) -> int:
    """Print or install a schedule; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: The time or the batch's arguments make no sense.
        DependencyError: What installs it fails.
    """
    options, separator, batch = _parted(argv)
    arguments = _parser().parse_args(options)
    if not separator:
        raise InputError("What is the batch to do?", hint="… -- /films -s hi -t en --beside")
    batch_parser().parse_intermixed_args(batch)
    match = CLOCK.fullmatch(arguments.at)
    if match is None:
        raise InputError(f"--at {arguments.at}: this is no time of the day", hint="--at 22:00")
    command = [str(PROJECT_ROOT / "run-pipeline.sh"), "batch", *batch]
    make = {"cron": _cron, "systemd": _systemd, "launchd": _launchd}[arguments.kind]
    for line in make(command, int(match[1]), int(match[2]), arguments.install):
        sys.stdout.write(line + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="tools/install-schedule.py",
        description="Run a batch every night: print what does it, or install that.",
        examples=usage_of(__doc__),
        codes="0 done, 2 invalid input, 4 it could not be installed",
    )
    parser.add_argument("kind", choices=("cron", "systemd", "launchd"), help="what starts it")
    parser.add_argument("--at", default="22:00", metavar="HH:MM", help="when (default: 22:00)")
    parser.add_argument("--install", action="store_true", help="install it for this user")
    return parser


def _parted(argv: Sequence[str]) -> tuple[list[str], bool, list[str]]:
    """Return our options, whether there is a '--', and the batch's arguments after it."""
    arguments = list(argv)
    if "--" not in arguments:
        return arguments, False, []
    place = arguments.index("--")
    return arguments[:place], True, arguments[place + 1 :]


def _cron(command: list[str], hour: int, minute: int, install: bool) -> list[str]:
    """Return the line of a crontab, or what was done with it."""
    low = [*(["ionice", "-c", "3"] if shutil.which("ionice") else []), "nice", "-n", "19"]
    words = shlex.join(["env", _path(), *low, *command])
    line = f"{minute} {hour} * * *  cd {shlex.quote(os.getcwd())} && {words}".replace("%", "\\%")
    if not install:
        return [MARK, line]
    kept = _run(["crontab", "-l"], may_fail=True).splitlines()
    if MARK in kept:
        del kept[kept.index(MARK) : kept.index(MARK) + 2]
    _run(["crontab", "-"], "\n".join([*kept, MARK, line]) + "\n")
    return [f"In your crontab: {line}"]


def _systemd(command: list[str], hour: int, minute: int, install: bool) -> list[str]:
    """Return the units, or what was done with them."""
    service = SERVICE.format(
        folder=os.getcwd().replace("%", "%%"),
        path=_systemd_word(_path()),
        command=" ".join(_systemd_word(word).replace("$", "$$") for word in command),
    )
    units = {f"{NAME}.service": service, f"{NAME}.timer": TIMER.format(hour=hour, minute=minute)}
    folder = Path.home() / ".config" / "systemd" / "user"
    if not install:
        return [f"# {folder / name}\n{text}" for name, text in units.items()]
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in units.items():
        (folder / name).write_text(text, encoding="utf-8")
    _run(["systemctl", "--user", "daemon-reload"])
    _run(["systemctl", "--user", "enable", "--now", f"{NAME}.timer"])
    return [
        f"Installed: {folder}/{NAME}.timer",
        "To have it run while nobody is logged in: loginctl enable-linger",
    ]


def _launchd(command: list[str], hour: int, minute: int, install: bool) -> list[str]:
    """Return the property list, or what was done with it."""
    facts = {
        "Label": NAME,
        "ProgramArguments": command,
        "WorkingDirectory": os.getcwd(),
        "EnvironmentVariables": {"PATH": _path().partition("=")[2]},
        "StartCalendarInterval": {"Hour": hour, "Minute": minute},
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Nice": 19,
    }
    text = plistlib.dumps(facts).decode("utf-8")
    if not install:
        return [text]
    path = Path.home() / "Library" / "LaunchAgents" / f"{NAME}.plist"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    _run(["launchctl", "unload", str(path)], may_fail=True)
    _run(["launchctl", "load", str(path)])
    return [f"Installed: {path}"]


def _path() -> str:
    """Return PATH=… with the folder of ffmpeg, where it is not a usual one."""
    found = shutil.which("ffmpeg")
    own = [str(Path(found).parent)] if found else []
    return "PATH=" + ":".join(dict.fromkeys([*own, *USUAL_PATH]))


def _systemd_word(word: str) -> str:
    """Return a word as a unit holds it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _run(command: list[str], text: str = "", may_fail: bool = False) -> str:
    """Run a program of the system; return what it printed.

    Raises:
        DependencyError: It is not here, or fails.
    """
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise DependencyError(
            f"{command[0]}: {error.strerror}", hint="Leave out --install"
        ) from error
    if done.returncode and not may_fail:
        told = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise DependencyError(f"{command[0]} failed: {told}", hint="Leave out --install")
    return done.stdout if not done.returncode else ""


if __name__ == "__main__":
    sys.exit(ended(lambda: main(sys.argv[1:])))
