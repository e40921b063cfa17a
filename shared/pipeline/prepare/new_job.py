#!/usr/bin/env python3
"""
New job: a job directory that appears whole, under the next free number, with rights of its own.

Usage:
    from shared.pipeline.prepare.new_job import create_job

    job_dir = create_job(job, output_root(config), config.job_readers)
"""

from __future__ import annotations

import errno
import os
import shutil
from datetime import datetime
from pathlib import Path

from shared.core.errors import UnavailableError
from shared.core.file_names import safe_file_name
from shared.core.files import fsync_directory, new_folder, write_json
from shared.pipeline.job.job import JOB_FILE, Job
from shared.pipeline.job.places import DRAFT_PREFIX, LOGS_DIR, discard_old_drafts
from shared.pipeline.prepare.shared_folders import make_shared_folder, owner_of

# JOB_READERS to the rights of a job's folder: all that it holds lies behind them.
ACCESS = {"owner": 0o700, "group": 0o750, "everyone": 0o755}


def create_job(job: Job, output_root: Path, readers: str = "owner") -> Path:
    """Create the job directory with its job.json, atomically, under the next free number.

    Args:
        job: What to write; its job_id is replaced by date, user and number.
        output_root: Where jobs of all dates and users lie.
        readers: Who may look into it, a key of ACCESS.

    Returns:
        The directory `output_root/YYYY/MM/DD/<user>/<N>`.

    Raises:
        UnavailableError: When the directory cannot be written.
    """
    now = datetime.now().astimezone()
    user = safe_file_name(job.user)
    draft: Path | None = None
    placed: Path | None = None
    try:
        parent = make_shared_folder(output_root, f"{now:%Y/%m/%d}/{user}")
        discard_old_drafts(parent)
        draft = new_folder(parent, DRAFT_PREFIX, ACCESS["owner"])
        (draft / LOGS_DIR).mkdir()
        names = os.listdir(parent)
        numbers = [int(name) for name in names if name.isascii() and name.isdigit()]
        number = 1 + max(numbers, default=0)
        while placed is None:
            job.job_id = f"{now:%Y%m%d}-{user}-{number:04d}"
            job.created_at = now.isoformat(timespec="seconds")
            write_json(draft / JOB_FILE, job.model_dump(mode="json"))
            placed = _renamed(draft, parent / str(number))
            number += 1
        if readers != "owner":
            placed.chmod(ACCESS[readers])
        fsync_directory(parent)
        return placed
    except OSError as error:
        if placed is not None:
            shutil.rmtree(placed, ignore_errors=True)  # exit 3 leaves no job
        raise _unwritable(error, output_root) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _renamed(draft: Path, target: Path) -> Path | None:
    """Give a draft its name; None when another job has it. A job is never empty, so it stays."""
    try:
        os.rename(draft, target)
        return target
    except OSError:
        if not os.path.lexists(target):
            raise
        return None


def _unwritable(error: OSError, output_root: Path) -> UnavailableError:
    """Return what it means to a person that no job can be made."""
    # Python names a file by its descriptor where that is what it was given.
    place = Path(error.filename) if isinstance(error.filename, str) else output_root
    there = next((p for p in (place, *place.parents) if p.is_dir()), output_root)
    owner = owner_of(there) if error.errno in (errno.EACCES, errno.EPERM) else ""
    if owner and there.stat().st_uid != os.geteuid():
        return UnavailableError(
            f"Cannot write to {there}: it belongs to {owner}",
            hint=f"Ask {owner} for: chmod 1777 '{there}'; or set OUTPUT_ROOT to a folder of yours",
        )
    return UnavailableError(
        f"Cannot write to {output_root}: {error.strerror}",
        hint="Make it writable, or free disk space",
    )
