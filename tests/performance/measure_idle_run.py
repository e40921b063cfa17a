#!/usr/bin/env python3
"""
Measure idle run: what a run costs that has nothing to do, on the job of a long film.

Makes a film of some hours, does the stages that write large files, and times the same command
again: in CPU seconds, in wall time, and as a multiple of a Python that imports pydantic and psutil
and does nothing, which says the same on a slow machine as on a fast one.

Usage:
    venv/common/bin/python tests/performance/measure_idle_run.py [--hours 2] [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
RUN = str(PROJECT_ROOT / "run-pipeline.sh")
PYTHON = str(PROJECT_ROOT / "venv/common/bin/python")
BARE = [PYTHON, "-c", "import psutil, pydantic; pydantic.BaseModel"]
MB = 1_000_000


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = make_long_film(Path(folder) / "long.mkv", arguments.hours * 3600)
        environment = os.environ | {"CP_OUTPUT_ROOT": folder, "CP_TMDB_ENABLED": "false"}
        options = ["-s", "hi", "--user", "me", "--to", "glossary_load"]
        subprocess.run(
            [RUN, "transcribe", str(film), *options],
            env=environment,
            check=True,
            capture_output=True,
        )
        job = next(Path(folder).glob("*/*/*/me/1"))
        size = sum(path.stat().st_size for path in job.rglob("*") if path.is_file())
        command = [RUN, "transcribe", str(job), "--to", "glossary_load"]
        measured, bare = [], []
        for _ in range(arguments.runs):
            measured.append(timed(command, environment))
            bare.append(timed(BARE, environment)[1])
    wall, cpu = (statistics.median(values) for values in zip(*measured, strict=True))
    multiple = cpu / statistics.median(bare)
    print(f"nothing to do, {arguments.hours:g} h of film, {size / MB:.0f} MB in the job:")
    print(f"  {cpu * 1000:.0f} ms of CPU, {wall * 1000:.0f} ms (median of {arguments.runs} runs)")
    print(f"  {multiple:.1f} times the CPU of importing pydantic and psutil")
    return 0


def make_long_film(path: Path, seconds: float) -> Path:
    """Make a film of one picture a second; return its path."""
    picture = ["-f", "lavfi", "-i", f"testsrc=s=64x48:r=1:d={seconds}"]
    sound = ["-f", "lavfi", "-i", f"sine=f=440:r=16000:d={seconds}", "-c:v", "mpeg4"]
    command = ["ffmpeg", "-nostdin", "-v", "error", *picture, *sound, "-c:a", "aac", str(path)]
    subprocess.run(command, check=True)
    return path


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command; return its seconds of wall time and of CPU."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall, used


if __name__ == "__main__":
    sys.exit(main())
