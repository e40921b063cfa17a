#!/usr/bin/env python3
"""
Jobs of the desk: what a browser may name, by ids that the desk itself gave.

An id is a digest of a job's place below the output folder. What a browser sends is looked up among
the ids of the jobs that are there and is never part of a path, so that no path can be made of it.

Usage:
    from shared.desk.jobs import find_job, job_id, job_places

    job_dir = find_job(root, "5f0e6b0c9a1d2e3f")
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from shared.core.files import matching
from shared.pipeline.job.job import JOB_FILE, Job, load_job
from shared.pipeline.jobs.listing import PLACES

ID_LENGTH = 16


class NotThereError(LookupError):
    """What a browser named is none of the desk's."""


def job_places(root: Path) -> dict[str, Path]:
    """Return the jobs below an output folder by their ids.

    A folder that is a link, or lies behind one, is none: it could lead anywhere.

    Args:
        root: Where jobs of all dates and users lie; need not exist.
    """
    real = os.path.realpath(root)
    found = {}
    for path in matching(root, PLACES):
        below = os.path.relpath(path, root)
        is_own = os.path.realpath(path) == os.path.join(real, below)
        if is_own and path.name.isascii() and path.name.isdigit() and (path / JOB_FILE).is_file():
            found[job_id(root, path)] = path
    return found


def job_id(root: Path, job_dir: Path) -> str:
    """Return the id of a job.

    Args:
        root: The output folder.
        job_dir: A job directory below it.
    """
    below = os.path.relpath(job_dir, root).encode("utf-8", "surrogateescape")
    return hashlib.sha256(below).hexdigest()[:ID_LENGTH]


def find_job(root: Path, wanted: str) -> Path:
    """Return the directory of a job.

    Args:
        root: The output folder.
        wanted: An id, whoever sent it.

    Raises:
        NotThereError: No job has it.
    """
    try:
        return job_places(root)[wanted]
    except KeyError:
        raise NotThereError("There is no such job") from None


def open_job(root: Path, wanted: str) -> tuple[Path, Job]:
    """Return the directory of a job and what was prepared.

    Args:
        root: The output folder.
        wanted: An id, whoever sent it.

    Raises:
        NotThereError: No job has it.
        InputError: Its job.json cannot be used.
    """
    job_dir = find_job(root, wanted)
    return job_dir, load_job(job_dir)
