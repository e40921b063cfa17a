#!/usr/bin/env python3
"""
Places: what a job directory holds is files and folders of its own, nothing that leads elsewhere.

A job that somebody handed over may hold links (or pipes, or a file where a folder belongs). A run
writes to these places, moves them and removes them: through a link that would harm other files. A
file with a second name (a hard link) is harmed only where a run writes into it: logs, events, lock.

Usage:
    from shared.pipeline.job.places import check_places

    check_places(job_dir)
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from shared.core.errors import InputError
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR
from shared.pipeline.job.commit import EDITED_DIR, SCRATCH_DIR
from shared.pipeline.job.events import EVENTS_FILE
from shared.pipeline.job.lock import LOCK_FILE
from shared.stage_order import STAGE_ORDER, get_stage_dir

LOGS_DIR = "logs"
FOLDERS = frozenset(
    {LOGS_DIR, EDITED_DIR, CHECKPOINT_DIR, SCRATCH_DIR, *map(get_stage_dir, STAGE_ORDER)}
)
FILES = frozenset({EVENTS_FILE})
WRITTEN_INTO = frozenset({EVENTS_FILE, LOCK_FILE})
# What else lies in a job directory and is no stage's output.
NOT_OUTPUTS = frozenset({"job.json", "job.json.kept"})
READ_BY_NAME = tuple(map(get_stage_dir, STAGE_ORDER))
DEEPEST = 30  # folders inside each other; a stage makes one or two
WRITTEN_BY_NAME = (LOGS_DIR, EDITED_DIR, CHECKPOINT_DIR)


def check_places(job_dir: Path) -> None:
    """Refuse a job directory in which a run would write or remove something elsewhere.

    Outputs of a stage may be links: they are read and replaced, never written.

    Args:
        job_dir: The job directory.

    Raises:
        InputError: Names the place.
    """
    for name in os.listdir(job_dir):
        path = job_dir / name
        mode = _checked_mode(path)
        if name in WRITTEN_INTO:
            _refuse_second_name(path)
        for belongs, names, is_so in (
            ("folder", FOLDERS, stat.S_ISDIR(mode)),
            ("file", FILES, stat.S_ISREG(mode)),
        ):
            if mode and name in names and not is_so:
                raise InputError(f"{path} is not a {belongs}", hint="Move it out of the way")
    for name in READ_BY_NAME:
        for path in _below(job_dir / name):
            _refuse_endless(path)
    for name in WRITTEN_BY_NAME:
        for path in _below(job_dir / name):
            _checked_mode(path)
            if name == LOGS_DIR:
                _refuse_second_name(path)


def _below(top: Path) -> Iterator[Path]:
    """Yield everything below a folder; refuse folders inside folders without end."""
    deepest = len(top.parts) + DEEPEST
    for folder, folders, files in os.walk(top):
        here = Path(folder)
        if len(here.parts) > deepest:
            raise InputError(f"{top} holds folders within folders", hint="Move them out of it")
        yield from (here / name for name in (*folders, *files))


def _refuse_endless(path: Path) -> None:
    """Refuse an output that is no file or folder, by itself or where its link leads."""
    try:
        mode = path.stat().st_mode
    except OSError:  # gone, or a link to nowhere: nothing is read there
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{path} is neither a file nor a folder", hint="Remove it")


def _refuse_second_name(path: Path) -> None:
    """Refuse a file that has another name, perhaps outside the job: it would be written there."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
        raise InputError(
            f"{path} is a hard link: the same file has another name elsewhere",
            hint=f"Give the job its own: cp -p '{path}' '{path}.own' && mv '{path}.own' '{path}'",
        )


def _checked_mode(path: Path) -> int:
    """Return the mode of a file or folder, 0 of one that has just gone; refuse anything else."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return 0
    if stat.S_ISLNK(mode):
        raise InputError(
            f"{path} is a link and could lead out of the job directory",
            hint="Use files, not links, inside it",
        )
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{path} is neither a file nor a folder", hint="Remove it")
    return mode
