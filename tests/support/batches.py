#!/usr/bin/env python3
"""
Batches: folders of films as people have them, and the verb batch as they type it.

Usage:
    from tests.support.batches import run_batch

    done = run_batch(folder, "-s", "hi", "-t", "en")
    done.films["Film.mkv"]["state"]
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.core.paths import PROJECT_ROOT
from tests.support.commands import HANG_SECONDS, run_script

# A job's first stages: they need venv/common only.
TO_DEMUX = ("-w", "transcribe", "-s", "en", "--to", "demux")
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@dataclass(frozen=True)
class Night:
    """What became of a batch.

    Attributes:
        code: Its exit code.
        films: The lines of its record by the name of the file.
        events: What it wrote for programs.
        errors: What it wrote for people.
    """

    code: int
    films: dict[str, dict[str, Any]]
    events: list[dict[str, Any]]
    errors: str

    def states(self) -> dict[str, str]:
        """Return what became of each file."""
        return {name: film["state"] for name, film in self.films.items()}


def run_batch(*arguments: str | Path, before: Sequence[str] = ()) -> Night:
    """Run a batch to its end.

    Args:
        arguments: Of the verb.
        before: A program that starts it, with its arguments.
    """
    command = [*before, *batch_command(*arguments), "--json"]
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=3 * HANG_SECONDS,
        check=False,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    films = events[-1].get("films", []) if events else []
    return Night(
        done.returncode,
        {Path(film["path"]).name: film for film in films},
        events,
        done.stderr,
    )


def start_batch(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start a batch and leave it running, in a process group of its own.

    Args:
        arguments: Of the verb.
    """
    return subprocess.Popen(
        batch_command(*arguments),
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def batch_command(*arguments: str | Path) -> list[str]:
    """Return the command line of a batch.

    Args:
        arguments: Of the verb.
    """
    return [str(PROJECT_ROOT / "run-pipeline.sh"), "batch", *map(str, arguments)]


def status() -> dict[str, Any]:
    """Return what the verb status says to a program; empty before there is a batch."""
    done = run_script("run-pipeline", "status", "--json")
    told: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    return told


def film_of(told: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a film's part of what the verb status says; empty where it is not there.

    Args:
        told: What status() returned.
        name: Of the film's file.
    """
    films = [film for film in told.get("films", []) if Path(film["path"]).name == name]
    return films[0] if films else {}


def make_old(*paths: Path) -> None:
    """Have files look as if nobody had changed them for an hour.

    Args:
        paths: The files.
    """
    for path in paths:
        time = path.lstat().st_mtime - 3600
        os.utime(path, (time, time), follow_symlinks=False)
