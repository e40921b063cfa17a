#!/usr/bin/env python3
"""
Places: what a job directory holds is files and folders of its own, nothing that leads elsewhere.

A job that somebody handed over may hold links (or pipes, or a file where a folder belongs). A run
writes to these places, moves them and removes them: through a link that would harm other files. Of
a file with a second name (a hard link) the job gets one of its own before it is written into:
own_what_is_written(), and lock.py for the lock.

Usage:
    from shared.pipeline.job.places import check_places

    check_places(job_dir)
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from shared.core.errors import InputError
from shared.core.sharing import has_second_name, make_own
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR
from shared.pipeline.job.commit import EDITED_DIR, SCRATCH_DIR
from shared.pipeline.job.events import EVENTS_FILE
from shared.stage_order import STAGE_ORDER, get_stage_dir

LOGS_DIR = "logs"
FOLDERS = frozenset(
    {LOGS_DIR, EDITED_DIR, CHECKPOINT_DIR, SCRATCH_DIR, *map(get_stage_dir, STAGE_ORDER)}
)
FILES = frozenset({EVENTS_FILE})
# What else lies in a job directory and is no stage's output.
PAGE_FILE = "report.html"
NOT_OUTPUTS = frozenset({"job.json", "job.json.kept", PAGE_FILE})
READ_BY_NAME = tuple(map(get_stage_dir, STAGE_ORDER))
MOST_COPIED = 64 << 20  # bytes of a log; a longer one stays under its other name alone
DEEPEST = 30  # folders inside each other; a stage makes one or two
WRITTEN_BY_NAME = (LOGS_DIR, EDITED_DIR, CHECKPOINT_DIR)
# Beside the jobs: one that is being made, one that is being removed.
DRAFT_PREFIX = ".new-"
REMOVED_PREFIX = ".new-removed-"
DRAFT_NAME = re.compile(r"\.new-([0-9a-f]{8}|removed-\d+(\.\d+)?)", re.ASCII)
OLD_DRAFT_SECONDS = 3600.0


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


def own_what_is_written(job_dir: Path) -> None:
    """Give a job events and logs of its own, with what they hold, where they have second names.

    A job that was copied by hard links (cp -al) shares its files with the original; all others are
    replaced, never written into.

    Args:
        job_dir: The job directory, whose lock is held.

    Raises:
        OSError: The directory cannot be written.
    """
    logs = job_dir / LOGS_DIR
    written = [job_dir / EVENTS_FILE, *(logs.iterdir() if logs.is_dir() else ())]
    for path in filter(has_second_name, written):
        make_own(path, MOST_COPIED)


def discard_old_drafts(parent: Path) -> None:
    """Remove what killed commands were making or removing; a living one is done within the hour.

    Args:
        parent: A user's folder of a day.
    """
    names = (name for name in os.listdir(parent) if name.startswith(DRAFT_PREFIX))
    for draft in (parent / name for name in names):
        with suppress(FileNotFoundError):  # its command has just finished it
            is_ours = DRAFT_NAME.fullmatch(draft.name) and not draft.is_symlink()
            if is_ours and time.time() - draft.stat().st_mtime > OLD_DRAFT_SECONDS:
                shutil.rmtree(draft, ignore_errors=True)


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
