#!/usr/bin/env python3
"""
Measure containers: films with a flash and a click in every container and codec of
tests/support/containers.py: taken, with sound and cue in step, or refused with the reason.

Usage:
    venv/common/bin/python -m tests.performance.measure_containers [docs/CONTAINERS.md]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.support.containers import CASES, Outcome, try_case

HEAD = """# Containers

What becomes of a film in each container: a picture that flashes, a sound that clicks at the same
moment, a cue at that moment. Milliseconds by which the click that is transcribed, the click and the
cue of the finished Matroska come after the flash (of sound alone: after the click); 40 ms are one
frame. Made by `python -m tests.performance.measure_containers docs/CONTAINERS.md`.

| film | | transcribed | click | cue | told |
|---|---|---|---|---|---|
"""


def row(name: str, outcome: Outcome) -> str:
    """Return a line of the table."""
    if outcome.verdict != "taken":
        return f"| {name} | {outcome.verdict} | | | | {outcome.reason} |\n"
    figures = (outcome.heard, outcome.click, outcome.cue)
    ms = " | ".join(f"{1000 * seconds + 0.0:+.0f}" for seconds in figures)
    verdict = "taken" if outcome.is_in_step else "**out of step**"
    return f"| {name} | {verdict} | {ms} | {outcome.told} |\n"


def main(arguments: list[str]) -> int:
    """Make the table; return 1 where a film failed or is out of step."""
    table, bad = HEAD, 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            outcome = try_case(case, Path(folder))
        bad += outcome.verdict == "failed" or not outcome.is_in_step
        table += row(case.name, outcome)
        sys.stderr.write(row(case.name, outcome))
    if arguments:
        Path(arguments[0]).write_text(table, encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
