#!/usr/bin/env python3
"""
Simulate batch: nights of many films whose stages do nothing: what the batch's own code costs.

Each night runs in a process of its own. What a stage takes by its own process and by the plan of
its job is not in it; making and finding jobs, the gate, the scheduler, checkpoints, batch.json and
one look at the status are. A folder in memory (--root /dev/shm) leaves the disk out of the wall
time.

Usage:
    venv/batch/bin/python tests/performance/simulate_batch.py [--films 100,1000,10000]
        [--root /dev/shm] [--write docs/PERFORMANCE.md]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tests.support.simulated_batch import simulate  # noqa: E402

# What is asked of a night of 10,000 films.
MOST_CPU_MS, MOST_MEMORY_MB = 10.0, 300.0
BEGIN, END = "<!-- simulate_batch -->", "<!-- /simulate_batch -->"
HEAD = "| films | stages a second | CPU ms a stage | memory MB, before | status s |"


def main() -> int:
    """Simulate, print and write. Returns 1 where a night took more than is asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--films", default="100,1000,10000")
    parser.add_argument("--root", type=Path, default=None)
    parser.add_argument("--write", type=Path, default=None)
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        sys.stdout.write(json.dumps(_one(arguments.one, arguments.root)) + "\n")
        return 0
    nights = [_apart(int(films), arguments.root) for films in arguments.films.split(",")]
    load = os.getloadavg()[0]
    lines = [HEAD, "|---|---|---|---|---|", *map(_line, nights)]
    told = f"`simulate_batch.py`, {os.cpu_count()} cores, load {load:.1f} at the end.\n\n"
    text = told + "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if arguments.write is not None:
        before, _, rest = arguments.write.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        arguments.write.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")
    return int(any(_is_too_much(night) for night in nights))


def _one(films: int, root: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=root) as folder:
        night = simulate(films, Path(folder))
    assert night.states == {"done": films}, night.states
    rates = {"rate": night.stages_a_second, "cpu": night.cpu_ms_a_stage}
    return asdict(night) | rates


def _apart(films: int, root: Path | None) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(films)]
    command += ["--root", str(root)] if root is not None else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    night: dict[str, Any] = json.loads(done.stdout)
    return night


def _line(night: dict[str, Any]) -> str:
    before, most = night["memory_mb"]
    return (
        f"| {night['films']:,} | {night['rate']:.0f} | {night['cpu']:.1f} "
        f"| {most:.0f}, {before:.0f} | {night['status_seconds']:.1f} |"
    )


def _is_too_much(night: dict[str, Any]) -> bool:
    return bool(night["cpu"] > MOST_CPU_MS or night["memory_mb"][1] > MOST_MEMORY_MB)


if __name__ == "__main__":
    sys.exit(main())
