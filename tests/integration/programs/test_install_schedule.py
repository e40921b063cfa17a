#!/usr/bin/env python3
"""Tests of tools/install-schedule.py: what cron, systemd and launchd read is what was asked for."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import Finished, assert_refused

TOOL = PROJECT_ROOT / "tools" / "install-schedule.py"
AWKWARD = 'it\'s 100% "new" & $HOME'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of films whose name everything gives a meaning to."""
    place = tmp_path / AWKWARD
    place.mkdir()
    return place


def schedule(*arguments: str | Path, cwd: Path, **variables: str) -> Finished:
    """Run the tool."""
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_line_of_a_crontab_runs_as_it_stands(folder: Path) -> None:
    batch = (folder, "-w", "transcribe", "-s", "en", "--dry-run")
    done = schedule("cron", "--at", "23:05", "--", *batch, cwd=folder)
    assert done.returncode == 0, done.stderr
    line = done.stdout.splitlines()[1]
    assert line.startswith("5 23 * * *  ")
    # As cron does: what stands after a bare % would be its standard input.
    command = line.split(None, 5)[5].replace("\\%", "%")
    ran = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env={"HOME": "/"}, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "0 films: nothing to do\n"), ran.stderr


def test_it_is_in_the_crontab_once_and_other_lines_stay(tmp_path: Path) -> None:
    table = tmp_path / "table"
    table.write_text("0 1 * * *  backup\n")
    program = tmp_path / "crontab"
    program.write_text(f'#!/bin/sh\ncase "$1" in -l) cat "{table}";; -) cat > "{table}";; esac\n')
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    for at in ("22:00", "23:30"):
        options = ("cron", "--at", at, "--install", "--", "films", "-s", "hi", "-t", "en")
        assert schedule(*options, cwd=tmp_path, PATH=path).returncode == 0
    first, mark, line = table.read_text().splitlines()
    assert first == "0 1 * * *  backup" and mark.startswith("#") and line.startswith("30 23 ")


def test_the_units_are_what_systemd_takes(folder: Path, tmp_path: Path) -> None:
    done = schedule("systemd", "--at", "6:07", "--", folder, "-s", "hi", "-t", "en", cwd=folder)
    assert "OnCalendar=*-*-* 06:07:00" in done.stdout
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("ExecStart=")]
    assert '100%% \\"new\\" & $$HOME' in line
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not here to read it")
    parts = done.stdout.split("# /")[1:]
    names = [tmp_path / Path(part.partition("\n")[0]).name for part in parts]
    for name, part in zip(names, parts, strict=True):
        name.write_text(part.partition("\n")[2])
    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, names)],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_property_list_says_what_was_asked_for(folder: Path) -> None:
    done = schedule("launchd", "--", folder, "-s", "hi", "-t", "en", cwd=folder)
    facts = plistlib.loads(done.stdout.encode())
    assert facts["ProgramArguments"][1:] == ["batch", str(folder), "-s", "hi", "-t", "en"]
    assert facts["StartCalendarInterval"] == {"Hour": 22, "Minute": 0}


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("cron",), "What is the batch to do"),
        (("cron", "--at", "25:00", "--", "films"), "no time of the day"),
        (("cron", "--", "films", "--no-such"), "unrecognized arguments"),
        (("at", "--", "films"), "invalid choice"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], cause: str
) -> None:
    assert_refused(schedule(*arguments, cwd=tmp_path), 2, cause)
