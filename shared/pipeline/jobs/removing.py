#!/usr/bin/env python3
"""
Removing: a job goes as a whole, never one that runs; what a person made in it is found first.

Usage:
    from shared.pipeline.jobs.removing import made_by_hand, remove_job

    if not made_by_hand(job_dir):
        freed = remove_job(job_dir)
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
import shutil
from pathlib import Path

from shared.core.errors import InputError, UnavailableError
from shared.core.files import free_name, fsync_directory, matching, size_on_disk
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR
from shared.pipeline.job.events import EVENTS_FILE
from shared.pipeline.job.job import JOB_FILE, KEPT_COPY
from shared.pipeline.job.lock import LOCK_FILE, hold_job_lock
from shared.pipeline.job.places import REMOVED_PREFIX, discard_old_drafts
from shared.pipeline.jobs.listing import PLACES, show_job
from shared.pipeline.jobs.results import edits, results

# What runs write that is no stage's result.
OWN_NAMES = re.compile(
    r"job\.json|events\.jsonl|report\.html|\.lock|\.scratch/.*|logs/(\d\d_[^/]*|look_at\.tsv)|"
    r"\.checkpoints/([a-z][\w-]*\.json|job\.json\.kept)",
    re.DOTALL,
)
PLACE = re.compile(r"/\d{4}/\d\d/\d\d/[^/]+/\d+$", re.ASCII)


def made_by_hand(job_dir: Path) -> list[str]:
    """Return the files of a job that a person made or changed, by their names in it.

    Args:
        job_dir: The job directory.

    Returns:
        Results that are not as their stage wrote them, edits that were put aside, files that no
        stage and no run has written, and job.json where it is not as the last run read it; not
        what a run is writing.
    """
    written = {one.name: one for one in results(job_dir)}
    told = {one.name for one in edits(job_dir)}
    told |= {
        name
        for name, one in written.items()
        if one.state != "as written" and os.path.lexists(one.path)
    }
    kept = job_dir / CHECKPOINT_DIR / KEPT_COPY
    if kept.is_file() and not filecmp.cmp(kept, job_dir / JOB_FILE, shallow=False):
        told.add(JOB_FILE)
    for parent, folders, files in os.walk(job_dir, onerror=_refuse_unreadable):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for file in [*files, *links]:
            name = os.path.relpath(os.path.join(parent, file), job_dir)
            if name not in written and not OWN_NAMES.fullmatch(name):
                told.add(name)
    return sorted(told)


def _refuse_unreadable(error: OSError) -> None:
    raise UnavailableError(
        f"Nobody can say what a person made in {error.filename}: {error.strerror}",
        hint="Make it readable",
    ) from error


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
    if job_dir.is_symlink() or not is_job(job_dir):
        raise InputError(f"{job_dir} is no job directory", hint="./run-pipeline.sh jobs list")
    _refuse_other_disks(job_dir)
    with _held(job_dir):
        size = size_on_disk(job_dir)
        aside = free_name(job_dir.with_name(f"{REMOVED_PREFIX}{job_dir.name}"))
        try:
            job_dir.rename(aside)
        except OSError as error:
            raise UnavailableError(
                f"{job_dir} cannot be removed: {error.strerror}",
                hint="Look at the rights of the folder around it",
            ) from error
        try:
            os.utime(aside)  # who sweeps leaves what is new alone
            fsync_directory(aside.parent)
            shutil.rmtree(aside)
        except OSError as error:
            raise UnavailableError(
                f"{job_dir} is gone, but not all of it: {error.strerror}",
                hint=f"Look at the rights in {aside}, and remove it",
            ) from error
    return size


def sweep(output_root: Path) -> None:
    """Remove what killed commands left of jobs that they were making or removing, of whatever day.

    Args:
        output_root: Where jobs of all dates and users lie.
    """
    for parent in matching(output_root, str(Path(PLACES).parent)):
        discard_old_drafts(parent)


def _held(job_dir: Path) -> contextlib.AbstractContextManager[object]:
    """Hold the lock of a job; where a link or a folder is in its place, no run can hold it."""
    path = job_dir / LOCK_FILE
    is_none = os.path.lexists(path) and (path.is_symlink() or not path.is_file())
    return contextlib.nullcontext() if is_none else hold_job_lock(job_dir, 0.0)


def is_job(job_dir: Path) -> bool:
    """Return whether a folder is a job of ours, perhaps a broken one, and not another program's.

    Args:
        job_dir: The folder.
    """
    if not (job_dir / JOB_FILE).is_file():
        return False
    return bool(PLACE.search(str(job_dir.absolute()))) or show_job(job_dir).job is not None


def _refuse_other_disks(job_dir: Path) -> None:
    """Refuse a job in which something is mounted: that is not the job's."""
    disk = job_dir.lstat().st_dev
    for parent, folders, _ in os.walk(job_dir):
        for folder in folders:
            path = os.path.join(parent, folder)
            if os.path.ismount(path) or os.lstat(path).st_dev != disk:
                raise UnavailableError(f"{path} is another disk", hint="Unmount it first")
