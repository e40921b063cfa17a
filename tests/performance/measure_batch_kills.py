#!/usr/bin/env python3
"""
Measure batch kills: kill -9 of a batch at random moments, many times, and what held.

Usage:
    venv/common/bin/python tests/performance/measure_batch_kills.py --kills 50 --films 4 --to asr
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support.batches import make_old  # noqa: E402
from tests.support.jobs import make_film  # noqa: E402
from tests.support.kills import kill_batches  # noqa: E402


def main() -> int:
    """Kill batches; print what was seen. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--films", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", default="glossary_load", help="the last stage of each film")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        films = Path(place) / "films"
        films.mkdir()
        for number in range(arguments.films):
            make_old(make_film(films / f"{number}.mkv", 1 + number / 10))
        options = ("-w", "transcribe", "-s", "en", "--to", arguments.to)
        seen = kill_batches(films, options, arguments.kills, arguments.seed)
    sys.stdout.write(
        f"{seen.kills} kills, {seen.nights} nights, {arguments.films} films to {arguments.to}, "
        f"{seen.seconds:.1f} s a night that nobody kills. {seen.kept} times a committed stage "
        "outlasted a kill; none was done again, results were those of an undisturbed night, no "
        "process was left\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
