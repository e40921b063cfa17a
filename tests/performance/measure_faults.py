#!/usr/bin/env python3
"""
Measure faults: fails every single operation of a small job in turn, and kills it at random moments.

For each kind of operation N = 1, 2, 3 … fails until a run meets no N-th one, also in a run that
skips what was done and edited; then kill -9 at random moments; then two runs, two prepares and an
edit at once. After each, the job is resumed and must equal an undisturbed one; likewise results
that are delivered, jobs that are removed, several films in one command. Ends at the first
difference. Several of them may run side by side, each with its own --kinds, its own share of the
numbers (--first 2 --every 4) or its own --seed. With --minutes it ends in good order after that
time and says how far it came.

Usage:
    venv/common/bin/python tests/performance/measure_faults.py [--every 1] [--kills 200] [--seed 0]
        [--kinds rename,fsync] [--crowds 100] [--cache off|on|full] [--minutes 5]
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import get_args

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# Kills of one seed; each batch ends with a job that is compared.
KILLS_IN_ONE = 10
WORKS = "preparing,running,skipping,delivering,removing,several"
sys.path.insert(0, str(PROJECT_ROOT))

from tests.support.fault_deliveries import Deliveries  # noqa: E402
from tests.support.fault_harness import KINDS, Cache, Harness  # noqa: E402
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
    parser.add_argument("--cache", default="on", choices=get_args(Cache))
    parser.add_argument("--minutes", type=float, default=float("inf"), help="the longest time")
    parser.add_argument("--works", default=WORKS, help="which of these")
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    with tempfile.TemporaryDirectory() as folder:
        film = make_film(Path(folder) / "Tiny.Film.2020.mkv")
        harness = Harness(Path(folder) / "work", film, arguments.cache)
        deliveries = Deliveries(harness)
        works: dict[str, Callable[[str, int], bool]] = {
            "preparing": harness.survives_preparing,
            "running": harness.survives,
            "skipping": partial(harness.survives, work=harness.skipped),
            "delivering": deliveries.survives_delivering,
            "removing": deliveries.survives_removing,
            "several": deliveries.survives_several,
        }
        works = {name: work for name, work in works.items() if name in arguments.works.split(",")}
        for kind in filter(None, arguments.kinds.split(",")):
            for name, survives in works.items():
                numbers = within(itertools.count(arguments.first, arguments.every), until)
                told = count(partial(survives, kind), numbers)
                print(f"cache {arguments.cache}, {name}, {kind}: {told}", flush=True)
        for name, work in (("running", harness.made), ("skipping", harness.skipped)):
            if arguments.kills and name in works:
                done = jobs = 0
                for number in within(range(0, arguments.kills, KILLS_IN_ONE), until):
                    jobs += harness.survives_kills(KILLS_IN_ONE, arguments.seed + number, work)
                    done += KILLS_IN_ONE
                told = f"{done} times, {jobs} jobs completed, all equal"
                print(f"cache {arguments.cache}, {name}, kill -9: {told}", flush=True)
        crowds = 0
        for number in within(range(arguments.crowds), until):
            assert harness.after_crowd(arguments.seed + number) == harness.reference
            crowds += 1
        told = f"two runs, two prepares and an edit at once: {crowds} times, nothing lost"
        print(f"cache {arguments.cache}, {told}")
    return 0


def within(numbers: Iterable[int], until: float) -> Iterator[int]:
    """Yield numbers until a time, by time.monotonic(), has come."""
    return itertools.takewhile(lambda _: time.monotonic() < until, numbers)


def count(survives: Callable[[int], bool], numbers: Iterator[int]) -> str:
    """Fail one operation after another; return how many were, and whether those were all."""
    started, failed, last = time.monotonic(), 0, 0
    for number in numbers:
        if not survives(number):
            took = time.monotonic() - started
            return f"{failed} failed, the last was {last}, none after it, {took:.0f} s"
        failed, last = failed + 1, number
    return f"{failed} failed, up to {last}; the time was up"


if __name__ == "__main__":
    sys.exit(main())
