#!/usr/bin/env python3
"""
Batches of the desk: one batch, film by film, by an id that the desk itself gave.

Usage:
    from shared.desk.batches import batch_id, batch_view, find_batch

    batch_view(root, find_batch(root, "5f0e6b0c9a1d2e3f"))["films"][0]["state"]
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from shared.core.errors import PipelineError
from shared.desk.jobs import NotThereError, job_id, job_places
from shared.pipeline.batch.control import find_batches
from shared.pipeline.batch.status import FilmStatus, Status, batch_status


def batch_id(root: Path, folder: Path) -> str:
    """Return the id of a batch.

    Args:
        root: The output folder.
        folder: A batch below it.
    """
    return job_id(root, folder)


def find_batch(root: Path, wanted: str) -> Path:
    """Return the folder of a batch of this user.

    Args:
        root: The output folder.
        wanted: An id, whoever sent it.

    Raises:
        NotThereError: No batch has it.
    """
    real = os.path.realpath(root)
    for folder in find_batches(root):
        below = os.path.relpath(folder, root)
        is_own = os.path.realpath(folder) == os.path.join(real, below)  # a link could lead anywhere
        if is_own and batch_id(root, folder) == wanted:
            return folder
    raise NotThereError("There is no such batch")


def status_of(folder: Path) -> Status:
    """Return how a batch stands; of one that cannot be read, why.

    Args:
        folder: Of the batch.
    """
    try:
        return batch_status(folder)
    except PipelineError as error:
        return Status(folder, f"broken: {error}", "", [])


def batch_view(root: Path, folder: Path) -> dict[str, Any]:
    """Return how a batch stands, film by film; each with the id of its job where it is there.

    Args:
        root: The output folder.
        folder: Of the batch.
    """
    status, there = status_of(folder), job_places(root)
    return {
        "id": batch_id(root, folder),
        "place": os.path.relpath(folder, root),
        "state": status.state,
        "closed": status.closed,
        "began": status.began_at,
        "exit_code": status.exit_code,
        "seconds_left": status.seconds_left,
        "command": status.command,
        "watched": list(status.watched),
        "films": [_film(root, film, there) for film in status.films],
    }


def _film(root: Path, film: FilmStatus, there: dict[str, Path]) -> dict[str, Any]:
    name = job_id(root, Path(film.job)) if film.job else ""
    return {
        "name": Path(film.path).name,
        "path": film.path,
        "job": name if name in there else "",
        "state": film.state,
        "reason": film.reason,
        "done": film.done,
        "stages": len(film.stages),
        "stage": film.stage,
        "share": film.share,
        "waits_for": film.waits_for,
        "seconds_left": film.seconds_left,
        "command": film.command,
    }
