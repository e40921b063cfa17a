#!/usr/bin/env python3
"""
Measure batch kills: kill -9 of something of a batch at random moments, and what held.

With --cluster a scheduler and two workers are started here and killed, too; that needs venv/demucs
and venv/pyannote, and --to pyannote_vad, so that workers have something to do.

Usage:
    venv/common/bin/python tests/performance/measure_batch_kills.py --kills 50 --films 4 --to asr
    venv/common/bin/python tests/performance/measure_batch_kills.py --cluster --to pyannote_vad
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support.batches import make_old  # noqa: E402
from tests.support.clusters import Cluster  # noqa: E402
from tests.support.jobs import make_film  # noqa: E402
from tests.support.kills import WORKERS, kill_batches  # noqa: E402


def main() -> int:
    """Kill batches; print what was seen. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--films", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", default="glossary_load", help="the last stage of each film")
    parser.add_argument("--cluster", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        films = Path(place) / "films"
        films.mkdir()
        for number in range(arguments.films):
            make_old(make_film(films / f"{number}.mkv", 1 + number / 10))
        options = ("-w", "transcribe", "-s", "en", "--to", arguments.to)
        with _cluster(Path(place), arguments.cluster) as cluster:
            options += ("--scheduler", cluster.address) if cluster is not None else ()
            seen = kill_batches(films, options, arguments.kills, arguments.seed, cluster)
    victims = ", ".join(f"{name} {number}" for name, number in sorted(seen.victims.items()))
    sys.stdout.write(
        f"{seen.kills} kills ({victims}), {seen.nights} nights, {arguments.films} films to "
        f"{arguments.to}, {seen.seconds:.1f} s a night of which nobody kills anything. "
        f"{seen.outlasted} times a batch came to its end though something of it was killed; "
        f"{seen.kept} times a committed stage outlasted a kill; none was done again, results were "
        "those of an undisturbed night, no process was left\n"
    )
    return 0


@contextmanager
def _cluster(place: Path, is_wanted: bool) -> Iterator[Cluster | None]:
    """Yield a scheduler with two workers, None where none is wanted."""
    if not is_wanted:
        yield None
        return
    with Cluster(place) as cluster:
        for name in WORKERS:
            cluster.start_worker(name)
        yield cluster


if __name__ == "__main__":
    sys.exit(main())
