#!/usr/bin/env python3
"""
Table: the doubts of a job as its last run left them, for spreadsheets and for whoever tells them.

Usage:
    from shared.pipeline.jobs.doubts.table import read_table, write_table

    write_table(job_dir, find_doubts(job_dir))
    read_table(job_dir)[0]["reason"]
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from shared.core.files import write_text
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.jobs.doubts.doubt import Doubt
from shared.subtitles.base.clock import clock_time

FILE = "look_at.tsv"
COLUMNS = ("start", "end", "track", "reason", "text", "file", "line")
Row = dict[str, str]


def table_file(job_dir: Path) -> Path:
    """Return where the table lies.

    Args:
        job_dir: The job directory.
    """
    return job_dir / LOGS_DIR / FILE


def write_table(job_dir: Path, doubts: Iterable[Doubt]) -> None:
    """Write all doubts, the worst first.

    Args:
        job_dir: The job directory.
        doubts: Of find_doubts.
    """
    rows = [COLUMNS]
    for one in doubts:
        reasons = "; ".join(reason.words for reason in one.reasons)
        line = "" if one.line is None else str(one.line)
        times = clock_time(one.start), clock_time(one.end)
        rows.append((*times, one.track, reasons, one.text, one.file, line))
    text = "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)
    path = table_file(job_dir)
    path.parent.mkdir(exist_ok=True)
    write_text(path, text)


def read_table(job_dir: Path) -> list[Row]:
    """Return the doubts that the last run left, a cell for each of COLUMNS; [] without any.

    Args:
        job_dir: The job directory.
    """
    try:
        lines = table_file(job_dir).read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        return []
    cells = (line.split("\t") for line in lines)
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells if len(row) == len(COLUMNS)]
