#!/usr/bin/env python3
"""
Batch status table: how a batch or a job stands, in lines for a person.

Usage:
    from shared.observability.batch_status_table import status_lines

    for line in status_lines(batch_status(folder)): ...
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from shared.core.errors import counted
from shared.pipeline.batch.status import FilmStatus, Status
from shared.pipeline.plan.eta import clock

# A mark for each stage, in order.
MARKS = {"done": "#", "skipped": "-", "running": ">", "waiting": "~", "to do": "."}
LEGEND = "# done, - skipped, > at work, ~ waits for a slot, . to do"
NAME_WIDTH = 34


def status_lines(status: Status) -> Iterator[str]:
    """Yield the lines.

    Args:
        status: Of a batch or a job.
    """
    yield _head(status)
    if status.watched and not status.is_over:
        yield f"Watches {', '.join(status.watched)}"
    if status.closed:
        yield f"No stage begins: {status.closed}"
    shown = [film for film in status.films if film.state != "left alone"]
    width = max((len(film.stages) for film in shown), default=0)
    if shown:
        yield LEGEND
    for film in shown:
        yield _film(film, width)
        if film.command:
            yield f"{'':{NAME_WIDTH}}  next: {film.command}"
    left = Counter(film.reason for film in status.films if film.state == "left alone")
    if left:
        yield f"{counted(sum(left.values()), 'file')} left alone"
    if status.command:
        yield f"To go on: {status.command}"


def _head(status: Status) -> str:
    what = f"Batch {status.folder}" if status.folder is not None else "Job"
    films = [film for film in status.films if film.state != "left alone"]
    states = Counter(film.state for film in films)
    told = ", ".join(f"{number} {state}" for state, number in states.items())
    left = f", about {clock(status.seconds_left)} left" if status.seconds_left else ""
    code = f" (exit code {status.exit_code})" if status.exit_code is not None else ""
    return f"{what}: {status.state}{code}; {counted(len(films), 'film')}: {told or 'none'}{left}"


def _film(film: FilmStatus, width: int) -> str:
    marks = "".join(MARKS[state] for state in film.stages.values())
    name = Path(film.path).name
    if len(name) > NAME_WIDTH:
        name = name[: NAME_WIDTH - 1] + "…"
    told = film.state
    if film.waits_for:
        told += f", waits: {film.waits_for}"
    elif film.stage:
        told += f", {film.stage}" + (f" {film.share:.0%}" if film.share is not None else "")
    if film.seconds_left:
        told += f", about {clock(film.seconds_left)}"
    if film.reason:
        told += f": {film.reason}"
    return f"{name:<{NAME_WIDTH}}  {marks:<{width}}  {told}"
