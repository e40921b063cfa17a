#!/usr/bin/env python3
"""
Renumber: a stage that was put in between or taken out makes no finished work undone.

Directories, logs and recorded inputs carry a stage's number. When STAGE_ORDER has changed since,
they are found by the stage's name and get its number of today.

Usage:
    from shared.pipeline.job.renumber import renumber

    renumber(job_dir)     # under the job lock, before planning
"""

from __future__ import annotations

import re
from pathlib import Path

from shared.core.identity import JOB_MARK
from shared.stage_order import STAGE_ORDER, get_stage_dir

NUMBERED = re.compile(r"^\d{2,}_(?P<stage>[^/.]+)(?P<rest>.*)$", re.DOTALL)


def name_of_today(name: str) -> str:
    """Return a recorded input's name with today's number of the stage that wrote it.

    Args:
        name: As recorded, for example 'job:06_asr/segments.json'.
    """
    if not name.startswith(JOB_MARK):
        return name
    return JOB_MARK + _renumbered(name.removeprefix(JOB_MARK))


def renumber(job_dir: Path) -> None:
    """Give the stages' directories and logs in a job the numbers of today.

    Args:
        job_dir: The job directory. Where both an old and a new one are there, both stay.
    """
    for folder in (job_dir, job_dir / "logs"):
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            new = path.with_name(_renumbered(path.name))
            if new != path and not path.is_symlink() and not new.exists():
                path.rename(new)


def _renumbered(name: str) -> str:
    match = NUMBERED.match(name)
    if match is None or match["stage"] not in STAGE_ORDER:
        return name
    return get_stage_dir(match["stage"]) + match["rest"]
