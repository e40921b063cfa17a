#!/usr/bin/env python3
"""
Batch table: the files that a batch looked at, each with what became of it and why.

Usage:
    from shared.observability.batch_table import batch_lines

    for line in batch_lines(record): ...
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.core.errors import counted
from shared.pipeline.batch.record import BatchRecord, FilmRecord

NO_FILM = "no film"
# More of what is no film is only counted: a folder has several beside each film.
MOST_OTHERS = 10
WIDTH = 11


def batch_lines(record: BatchRecord, planned: bool = False) -> Iterator[str]:
    """Yield the table of a batch: a line for each file, then how many became what.

    Args:
        record: The batch.
        planned: Whether nothing was done yet: what waits will be done.
    """
    others = [film for film in record.films if film.reason == NO_FILM]
    shown = [film for film in record.films if film not in others or len(others) <= MOST_OTHERS]
    base = _common_folder([film.path for film in shown])
    for film in shown:
        yield film_line(film, base, planned)
        if film.hint and film.state in ("failed", "degraded"):
            yield f"{'':{WIDTH}}  hint: {film.hint}"
    counts = Counter(film.state for film in record.films if film not in others)
    told = ", ".join(f"{number} {_word(state, planned)}" for state, number in counts.items())
    films = counted(sum(counts.values()), "film")
    beside = f"; {counted(len(others), 'other file')}, no films" if others else ""
    yield f"{films}: {told or 'nothing to do'}{beside}"


def film_line(film: FilmRecord, base: Path | None, planned: bool = False) -> str:
    """Return a film's line.

    Args:
        film: Its line of the record.
        base: The folder of all, which is left out of its name.
        planned: Whether nothing was done yet.
    """
    name = str(Path(film.path).relative_to(base)) if base is not None else film.path
    job = f"  {film.job}" if film.job and film.state != "left alone" else ""
    why = f": {film.reason}" if film.reason else ""
    return f"{_word(film.state, planned):<{WIDTH}}  {name}{job}{why}"


def _word(state: str, planned: bool) -> str:
    return "to do" if planned and state == "waiting" else state


def _common_folder(paths: Sequence[str]) -> Path | None:
    folders = {Path(path).parent for path in paths}
    if not folders:
        return None
    first = min(folders, key=lambda folder: len(folder.parts))
    return first if all(folder.is_relative_to(first) for folder in folders) else None
