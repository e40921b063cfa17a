#!/usr/bin/env python3
"""
Kills: a batch killed at random moments and started again, and what must hold all the time.

Usage:
    from tests.support.kills import kill_batches

    kill_batches(folder, options, kills=50, seed=1)
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from shared.core.files import sha256_of
from tests.support.batches import batch_command, run_batch
from tests.support.commands import wait_until

# What tells when it was made, or how long that took.
DATED = frozenset({"media_info.json"})


@dataclass
class Kills:
    """What was seen.

    Attributes:
        kills: How often a batch was killed.
        nights: How often all films were done afterwards.
        seconds: What a batch takes that nobody kills.
        kept: How many committed stages outlasted a kill.
    """

    kills: int = 0
    nights: int = 0
    seconds: float = 0.0
    kept: int = 0


def kill_batches(films: Path, options: tuple[str, ...], kills: int, seed: int) -> Kills:
    """Kill batches of a folder's films at random moments until that was done so often.

    Args:
        films: The folder; jobs go to 'out' beside it.
        options: Of the batch.
        kills: How often.
        seed: Of the moments.

    Returns:
        What was seen.

    Raises:
        AssertionError: Something did not hold: a committed stage was done again, a process was
            left, a batch did not come to its end, or its results are not those of an undisturbed
            one.
    """
    chance, seen = random.Random(seed), Kills()
    root = films.parent / "out"
    with _jobs_in(root):
        began = time.monotonic()
        assert run_batch(films, *options).code == 0
        seen.seconds = time.monotonic() - began
        undisturbed = results_of(root)
        while seen.kills < kills:
            shutil.rmtree(root)
            while seen.kills < kills:
                before = committed(root)
                killed = _killed(films, options, chance.uniform(0.0, seen.seconds))
                _assert_kept(before, committed(root))
                if not killed:
                    break
                seen.kills += 1
                seen.kept += len(before)
                wait_until(lambda: processes_below(root) == [])
            before = committed(root)
            night = run_batch(films, *options)
            assert night.code == 0, (night.states(), night.errors)
            _assert_kept(before, committed(root))
            assert results_of(root) == undisturbed
            assert processes_below(root) == []
            seen.nights += 1
    return seen


def committed(root: Path) -> dict[str, str]:
    """Return when each stage that has a result was finished, by its checkpoint.

    Args:
        root: Where the jobs lie.
    """
    found = {}
    for path in root.glob("*/*/*/*/*/.checkpoints/*.json"):
        record = json.loads(path.read_text())
        if isinstance(record, dict) and "finished_at" in record:
            told = f"{record['finished_at']} {record['seconds']} {record['attempt']}"
            found[str(path.relative_to(root))] = told
    return found


def results_of(root: Path) -> dict[str, str]:
    """Return the digests of what the stages have written, by film and name.

    Args:
        root: Where the jobs lie.
    """
    found = {}
    for job in root.glob("*/*/*/*/*/job.json"):
        film = Path(json.loads(job.read_text())["media"]["path"]).name
        for path in sorted(job.parent.glob("[0-9][0-9]_*/**/*")):
            if path.is_file() and path.name not in DATED:
                found[f"{film} {path.relative_to(job.parent)}"] = sha256_of(path)
    return found


def processes_below(root: Path) -> list[psutil.Process]:
    """Return the processes whose jobs lie below a folder: of a batch, its servers and stages.

    Args:
        root: The folder.
    """
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ().get("CP_OUTPUT_ROOT", "")
            if mark == str(root) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _killed(films: Path, options: tuple[str, ...], seconds: float) -> bool:
    """Start a batch and kill it after some seconds; return whether it lived so long."""
    process = subprocess.Popen(
        batch_command(films, *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        return True
    finally:
        process.kill()
        process.wait()


def _assert_kept(before: dict[str, str], after: dict[str, str]) -> None:
    changed = {name for name, told in before.items() if after.get(name) != told}
    assert not changed, f"done again, or lost: {sorted(changed)}"


@contextmanager
def _jobs_in(root: Path) -> Iterator[None]:
    """Have jobs lie in a folder, without a cache: work that is taken from there proves nothing."""
    given = {"CP_OUTPUT_ROOT": str(root), "CP_CACHE_MAX_GB": "0", "CP_TMDB_ENABLED": "false"}
    given["CP_BATCH_STILL_SECONDS"] = "0"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        yield
