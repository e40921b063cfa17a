#!/usr/bin/env python3
"""
Measure orchestrator: what start, plan, spawn and checkpoint cost beside the stages' own work.

Runs all twelve stages on two seconds of silence, several times, and compares the whole run with
the sum of its stages' processes (spawn to exit); then times a run that has nothing to do.

Usage:
    venv/common/bin/python tests/performance/measure_orchestrator.py [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
RUN = str(PROJECT_ROOT / "run-pipeline.sh")
SILENT_FILM = ["-f", "lavfi", "-i", "color=s=320x180:r=24:d=2", "-f", "lavfi", "-i", "anullsrc=d=2"]


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "silence.mkv"
        subprocess.run(["ffmpeg", "-v", "error", *SILENT_FILM, "-shortest", str(film)], check=True)
        environment = os.environ | {"CP_OUTPUT_ROOT": folder}
        job = subprocess.run(
            [PROJECT_ROOT / "prepare-job.sh", "--media", film, "--workflow", "subtitle"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        overheads = [one_run(job, environment) for _ in range(runs)]
        idle = [timed([RUN, "subtitle", job], environment) for _ in range(runs)]
    print(f"overhead a stage: {statistics.median(overheads) * 1000:.0f} ms (median of {runs} runs)")
    print(f"a finished job:   {statistics.median(idle) * 1000:.0f} ms (median of {runs} runs)")
    return 0


def one_run(job: str, environment: dict[str, str]) -> float:
    """Run every stage once; return the seconds of overhead a stage."""
    events = Path(job) / "events.jsonl"
    before = len(ended(events))
    wall = timed([RUN, "subtitle", job, "--force", "all"], environment)
    stages = ended(events)[before:]
    return (wall - sum(stages)) / len(stages)


def ended(events: Path) -> list[float]:
    """Return the seconds of every stage process that the job's events tell of."""
    if not events.is_file():
        return []
    lines = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    return [line["seconds"] for line in lines if line["event"] == "end"]


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Run a command; return its wall time in seconds."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
