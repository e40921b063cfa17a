#!/usr/bin/env python3
"""
Kills: something of a batch killed at random moments, and what must hold all the time.

Killed are the batch's own process, a process that works for it (a stage, or what forks stages) and,
on a cluster, a worker with all that it runs, or the scheduler. Workers and schedulers are started
again, as a service would be; a batch that was killed by who types its command again.

Usage:
    from tests.support.kills import kill_batches

    kill_batches(folder, options, kills=50, seed=1)
    kill_batches(folder, options, kills=50, seed=1, cluster=cluster)
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from shared.core.files import sha256_of
from tests.support.batches import batch_command, run_batch
from tests.support.clusters import Cluster
from tests.support.commands import HANG_SECONDS, wait_until

# What tells when it was made, or how long that took.
DATED = frozenset({"media_info.json"})
BATCH, PROCESS, SCHEDULER = "batch", "process", "scheduler"
WORKERS = ("one", "two")
# Kills the process, or what works for it; called while it runs.
Kill = Callable[[subprocess.Popen[bytes]], None]


@dataclass
class Kills:
    """What was seen.

    Attributes:
        victims: How often what was killed.
        outlasted: How often a batch of which something else was killed came to its end all the
            same, with all films done.
        nights: How often all films were done afterwards.
        seconds: What a batch takes of which nobody kills anything.
        kept: How many committed stages outlasted a kill.
    """

    victims: Counter[str] = field(default_factory=Counter)
    outlasted: int = 0
    nights: int = 0
    seconds: float = 0.0
    kept: int = 0

    @property
    def kills(self) -> int:
        """How often something was killed."""
        return self.victims.total()


def kill_batches(
    films: Path, options: tuple[str, ...], kills: int, seed: int, cluster: Cluster | None = None
) -> Kills:
    """Kill at random moments of batches of a folder's films until that was done so often.

    Args:
        films: The folder; jobs go to 'out' beside it.
        options: Of the batch.
        kills: How often.
        seed: Of victims and moments.
        cluster: Where it runs, with the workers WORKERS; None = on this machine alone.

    Returns:
        What was seen.

    Raises:
        AssertionError: Something did not hold: a committed stage was done again, a process was
            left, a batch did not come to its end, or its results are not those of an undisturbed
            one.
    """
    chance, seen = random.Random(seed), Kills()
    root, victims = films.parent / "out", _victims(chance, films.parent / "out", cluster)
    with _jobs_in(root):
        began = time.monotonic()
        night = run_batch(films, *options)
        assert night.code == 0, (night.states(), night.errors)
        seen.seconds = time.monotonic() - began
        undisturbed = results_of(root)
        while seen.kills < kills:
            shutil.rmtree(root)
            while seen.kills < kills:
                before = committed(root)
                name = chance.choice(sorted(victims))
                code = _killed(films, options, chance.uniform(0.0, seen.seconds), victims[name])
                _assert_kept(before, committed(root))
                if code is None:
                    break
                seen.victims[name] += 1
                seen.outlasted += name != BATCH and code == 0
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
        root: The folder; stages of workers whose folders lie beside it count, too.
    """
    found = []
    for process in psutil.process_iter():
        try:
            variables = process.environ()
            is_stage = variables.get("CP_STAGE_SCRATCH", "").startswith(f"{root.parent}/")
            is_one = is_stage or variables.get("CP_OUTPUT_ROOT") == str(root)
            if is_one and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _victims(chance: random.Random, root: Path, cluster: Cluster | None) -> Mapping[str, Kill]:
    """Return what can be killed, by name."""

    def one_of(found: Sequence[psutil.Process]) -> None:
        if found:
            with suppress(psutil.NoSuchProcess):
                chance.choice(found).kill()

    def process(batch: subprocess.Popen[bytes]) -> None:
        one_of([one for one in processes_below(root) if not _is_command(one, batch)])

    victims: dict[str, Kill] = {BATCH: lambda batch: batch.kill(), PROCESS: process}
    if cluster is not None:
        del victims[PROCESS]
        for name in (SCHEDULER, *WORKERS):
            victims[name] = _restart(cluster, name)
    return victims


def _restart(cluster: Cluster, name: str) -> Kill:
    return lambda batch: cluster.restart(name)


def _is_command(process: psutil.Process, batch: subprocess.Popen[bytes]) -> bool:
    """Return whether a process is the batch's own: its command, or the shell that started it."""
    with suppress(psutil.Error):
        return batch.pid in (process.pid, process.ppid()) and "batch" in process.cmdline()
    return False


def _killed(films: Path, options: tuple[str, ...], seconds: float, kill: Kill) -> int | None:
    """Start a batch and kill something after some seconds; return its exit code.

    Returns:
        None where the batch had ended before.
    """
    process = subprocess.Popen(
        batch_command(films, *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
        return None
    except subprocess.TimeoutExpired:
        kill(process)
        return process.wait(3 * HANG_SECONDS)
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
    given |= {"CP_BATCH_STILL_SECONDS": "0", "XDG_STATE_HOME": str(root.parent / "state")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        yield
