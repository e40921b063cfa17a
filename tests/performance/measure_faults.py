#!/usr/bin/env python3
"""
Measure faults: fails every single operation of a small job in turn, and kills it at random moments.

For each kind of operation N = 1, 2, 3 … fails until a run meets no N-th one, also in a run that
skips what was done and edited; then kill -9 at random moments; then two runs, two prepares and an
edit at once. After each, the job is resumed and must equal an undisturbed one. Ends at the first
difference. Several of them may run side by side, each with its own --kinds, its own share of the
numbers (--first 2 --every 4) or its own --seed.

Usage:
    venv/common/bin/python tests/performance/measure_faults.py [--every 1] [--kills 200] [--seed 0]
        [--kinds rename,fsync] [--crowds 100]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from tests.support.fault_harness import KINDS, Harness  # noqa: E402
from tests.support.jobs import make_film  # noqa: E402


def main() -> int:
    """Fail and kill; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--every", type=int, default=1, help="fail every N-th operation only")
    parser.add_argument("--first", type=int, default=1, help="the first one to fail")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--crowds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = make_film(Path(folder) / "Tiny.Film.2020.mkv")
        harness = Harness(Path(folder) / "work", film)
        for kind in filter(None, arguments.kinds.split(",")):
            for name, survives in (
                ("preparing", harness.survives_preparing),
                ("running", harness.survives),
                ("skipping", partial(harness.survives, work=harness.skipped)),
            ):
                started, number, runs = time.monotonic(), arguments.first, 0
                while survives(kind, number):
                    number += arguments.every
                    runs += 1
                took = time.monotonic() - started
                print(f"{name}, {kind}: {runs} of {number - 1} failed, all survived, {took:.0f} s")
                sys.stdout.flush()
        if arguments.kills:
            for name, work in (("running", harness.made), ("skipping", harness.skipped)):
                jobs = harness.survives_kills(arguments.kills, arguments.seed, work)
                print(f"{name}, kill -9: {arguments.kills} times, {jobs} jobs completed, all equal")
        for number in range(arguments.crowds):
            assert harness.after_crowd(arguments.seed + number) == harness.reference
        print(f"two runs, two prepares and an edit at once: {arguments.crowds} times, nothing lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
