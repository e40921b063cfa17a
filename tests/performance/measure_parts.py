#!/usr/bin/env python3
"""
Measure parts: what the content cache, the warm start, the forecasts and the signals earn.

Runs one film again and again as a user would, with a part and without it, in turn; prints a line
for each comparison: CPU seconds of all processes and seconds by the clock. docs/LIBRARIES.md has
the figures.

Usage:
    venv/common/bin/python tests/performance/measure_parts.py FILM [-s en] [--to asr] [--runs 3]
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.machine.cgroup import is_busy  # noqa: E402
from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.pipeline.job.checkpoint import CheckpointManager  # noqa: E402
from shared.pipeline.job.job import load_job  # noqa: E402
from shared.pipeline.plan.pace import expected_times  # noqa: E402
from shared.stage_order import STAGE_ORDER  # noqa: E402
from tests.support.commands import in_environment, wait_until  # noqa: E402
from tests.support.fault_job import job_of  # noqa: E402

NO_CACHE = {"CACHE_MAX_GB": "0"}


@dataclass(frozen=True)
class Cost:
    """What a command took, all its processes together: seconds of CPU, seconds by the clock."""

    cpu: float
    wall: float

    def __str__(self) -> str:
        return f"{self.cpu:6.1f} s CPU, {self.wall:6.1f} s"


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("film", type=Path)
    parser.add_argument("-s", "--source", default="en", help="its language")
    parser.add_argument("--to", default="asr", choices=STAGE_ORDER, help="the last stage")
    parser.add_argument("--runs", type=int, default=3, help="of each, in turn")
    parser.add_argument("--parts", default="cache,warm,signals", help="which of these")
    arguments = parser.parse_args()
    parts = arguments.parts.split(",")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.film.resolve(), arguments.source, arguments.to, Path(folder))
        print(f"load before: {os.getloadavg()[0]:.1f}", flush=True)
        if "cache" in parts:
            tell_cache(bench)
        if "warm" in parts:
            tell_warm_start(bench, arguments.runs)
        if "signals" in parts:
            tell_signals(bench)
        print(f"load after: {os.getloadavg()[0]:.1f}")
    return 0


class Bench:
    """Prepares and runs jobs of one film, each in an output folder of its own.

    Args:
        film: The film.
        source: Its language.
        last: The last stage to run.
        folder: An empty folder.
    """

    def __init__(self, film: Path, source: str, last: str, folder: Path) -> None:
        self.folder = folder
        self._film, self._source, self.last = film, source, last

    def prepared(self, root: str, user: str = "me") -> Path:
        """Prepare a job below an output folder; return the job directory."""
        command = ["./prepare-job.sh", "--media", str(self._film), "--workflow", "transcribe"]
        done = subprocess.run(
            [*command, "-s", self._source, "--user", user],
            cwd=PROJECT_ROOT,
            env=self._environment(root, {}),
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(done.stdout.splitlines()[-1])

    def run(self, root: str, job_dir: Path, settings: Mapping[str, str], *options: str) -> Cost:
        """Run a job to the last stage; return what that took."""
        before, started = children_cpu(), time.monotonic()
        process = self.start(root, job_dir, settings, *options)
        if process.wait():
            raise SystemExit(f"{job_dir} cannot be run: see its logs, or run it by hand")
        return Cost(children_cpu() - before, time.monotonic() - started)

    def start(
        self, root: str, job_dir: Path, settings: Mapping[str, str], *options: str
    ) -> subprocess.Popen[bytes]:
        """Start running a job to the last stage."""
        return subprocess.Popen(
            ["./run-pipeline.sh", "transcribe", str(job_dir), "--to", self.last, *options],
            cwd=PROJECT_ROOT,
            env=self._environment(root, settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _environment(self, root: str, settings: Mapping[str, str]) -> dict[str, str]:
        usual = {"OUTPUT_ROOT": str(self.folder / root), "TMDB_ENABLED": "false"}
        return os.environ | in_environment(
            {**usual, "DEVICE": "cpu", "SOURCE_SEPARATION": "off", **settings}
        )


def children_cpu() -> float:
    """Return the CPU seconds of all processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def tell_cache(bench: Bench) -> None:
    """Print what a first and a second job of a film take, with the cache and without."""
    for name, settings in (("without", NO_CACHE), ("with", {})):
        root = f"cache-{name}"
        for which, user in (("first", "me"), ("second", "you")):
            job_dir = bench.prepared(root, user)
            cost = bench.run(root, job_dir, settings)
            print(f"{which} job of the film, {name} the cache: {cost}", flush=True)


def tell_warm_start(bench: Bench, runs: int) -> None:
    """Print what a run takes with the warm start and without, and how well it was foretold."""
    root = "warm"
    if is_busy():
        print("this machine is busy: nothing is started early, with the warm start or without")
    job_dir = bench.prepared(root)
    bench.run(root, job_dir, NO_CACHE)  # what is fetched or exported once
    costs: dict[str, list[Cost]] = {"true": [], "false": []}
    for number in range(2 * runs):
        is_warm = ("true", "false")[(number + number // 2) % 2]
        foretold = foretell(bench.folder / root, bench)
        cost = bench.run(root, job_dir, {**NO_CACHE, "WARM_START": is_warm}, "--force", "all")
        costs[is_warm].append(cost)
        told = f"its stages {stage_seconds(job_dir):.1f} s, foretold {foretold:.1f} s"
        print(f"  warm start {is_warm}: {cost}; {told}", flush=True)
    for is_warm, found in costs.items():
        median = Cost(*(statistics.median(values) for values in zip(*map(_pair, found))))
        print(f"warm start {is_warm}, median of {runs}: {median}", flush=True)


def foretell(root: Path, bench: Bench) -> float:
    """Return the seconds that a run of all stages is expected to take."""
    job_dir = job_of(root)
    os.environ["CP_OUTPUT_ROOT"] = str(root)
    try:
        config = load_config(job_dir)
        stages = list(STAGE_ORDER[: STAGE_ORDER.index(bench.last) + 1])
        return sum(expected_times(stages, load_job(job_dir), config, EnvironmentManager()).values())
    finally:
        del os.environ["CP_OUTPUT_ROOT"]


def stage_seconds(job_dir: Path) -> float:
    """Return the seconds that the stages of a job took, by their records."""
    records = map(CheckpointManager(job_dir).load_record, STAGE_ORDER)
    return sum(record.seconds for record in records if record is not None)


def tell_signals(bench: Bench) -> None:
    """Print how long a run takes to end after one signal, and after two, while a stage works."""
    for signals in (1, 2):
        root = f"signals-{signals}"
        job_dir = bench.prepared(root)
        process = bench.start(root, job_dir, NO_CACHE)
        wait_until(lambda: any((job_dir / ".scratch").glob("*")), 60)
        time.sleep(1.0)
        started = time.monotonic()
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        code = process.wait()
        took = time.monotonic() - started
        print(f"{signals} x Ctrl-C: ended after {took:.2f} s with exit code {code}", flush=True)


def _pair(cost: Cost) -> tuple[float, float]:
    return cost.cpu, cost.wall


if __name__ == "__main__":
    sys.exit(main())
