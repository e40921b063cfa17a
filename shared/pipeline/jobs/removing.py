#!/usr/bin/env python3
"""
Removing: a job goes as a whole, never one that runs; what a person made in it is found first.

Usage:
    from shared.pipeline.jobs.removing import made_by_hand, remove_job

    if not made_by_hand(job_dir):
        freed = remove_job(job_dir)
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from shared.core.errors import InputError, UnavailableError
from shared.core.files import free_name, fsync_directory, size_on_disk
from shared.pipeline.job.events import EVENTS_FILE
from shared.pipeline.job.job import JOB_FILE
from shared.pipeline.job.lock import hold_job_lock
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.jobs.results import edits, results

# Preparing a job sweeps what begins so, should this program be killed between the two steps.
REMOVED_PREFIX = ".new-removed-"


def made_by_hand(job_dir: Path) -> list[str]:
    """Return the files of a job that a person made or changed, by their names in it.

    Args:
        job_dir: The job directory.

    Returns:
        Edited results, edits that were put aside, and files that no stage has written; not
        job.json, logs, or what a run is writing.
    """
    told = {one.name for one in edits(job_dir)}
    written = {one.name for one in results(job_dir)} | {JOB_FILE, EVENTS_FILE}
    for path in job_dir.rglob("*"):
        parts = path.relative_to(job_dir).parts
        own = parts[0] == LOGS_DIR or any(part.startswith(".") for part in parts)
        name = "/".join(parts)
        if not own and (path.is_symlink() or not path.is_dir()) and name not in written:
            told.add(name)
    return sorted(told)


def last_touched(job_dir: Path) -> float:
    """Return when a job last ran or was prepared, in seconds since the epoch.

    Args:
        job_dir: The job directory.
    """
    paths = [job_dir / name for name in (EVENTS_FILE, JOB_FILE)]
    return max((path.stat().st_mtime for path in paths if path.is_file()), default=0.0)


def remove_job(job_dir: Path) -> int:
    """Remove a job with all that it holds; the film and what was delivered lie elsewhere and stay.

    Args:
        job_dir: The job directory; a link to one is refused.

    Returns:
        The bytes that it took on the disk.

    Raises:
        InputError: That is no job directory.
        UnavailableError: A run holds it, or the folder around it cannot be written.
    """
    if job_dir.is_symlink() or not (job_dir / JOB_FILE).is_file():
        raise InputError(f"{job_dir} is no job directory", hint="./run-pipeline.sh jobs list")
    with hold_job_lock(job_dir, 0.0):
        size = size_on_disk(job_dir)
        aside = free_name(job_dir.with_name(f"{REMOVED_PREFIX}{job_dir.name}"))
        try:
            job_dir.rename(aside)
            os.utime(aside)  # who sweeps leaves what is new alone
            fsync_directory(aside.parent)
            shutil.rmtree(aside)
        except OSError as error:
            raise UnavailableError(
                f"{job_dir} cannot be removed: {error.strerror}",
                hint="Look at the rights of it and of the folder around it",
            ) from error
    return size
