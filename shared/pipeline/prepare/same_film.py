#!/usr/bin/env python3
"""
Same film: the job that there is already of a film with the same options.

The same film: a file of the same name with the same content. Size and samples tell it, and of a
file that is not where and as it was, the digest of all of it, if a stage has taken that. In which
folder it lies makes no difference. The same options: workflow, languages, part, track, title and
the settings that shape results, as they were given; what only says how long a stage may take, what
is logged and where results go (machine's limits, DELIVER_TO) may differ. What 'auto' became is the
job's own; whether it was 'auto' counts.

No index is kept, which could be stale: the user's jobs are looked through from the newest on.

Usage:
    from shared.pipeline.prepare.same_film import alone, find_same

    with alone(root, job.user):
        found = find_same(job, root)
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.core.configuration.powers import scope_of
from shared.core.errors import InputError
from shared.core.file_names import safe_file_name
from shared.core.files import lock_within, sha256_of
from shared.core.identity import UNKNOWN
from shared.core.settings import PipelineConfig
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR, CheckpointManager
from shared.pipeline.job.job import BLANK, JOB_FILE, KEPT_COPY, MOST_JOB_BYTES, Job, load_job
from shared.pipeline.jobs.listing import show_job
from shared.pipeline.prepare.shared_folders import make_shared_folder
from shared.stage_order import STAGE_ORDER

# Settings that shape no result, beside the machine's limits.
SHAPE_NOTHING = frozenset({"DELIVER_TO", "DEBUG", "LOG_LEVEL", "LOG_FORMAT"})
# Chosen by what is heard in the film, so that it says nothing of what was asked for.
HEARD = "AUDIO_CHANNELS"
FIELDS = (
    *("workflow", "file_name", "title", "year", "source_language", "target_languages"),
    *("clip", "audio_track"),
)
LONGEST_WAIT = 10.0


@contextmanager
def alone(output_root: Path, user: str) -> Iterator[None]:
    """Let one command at a time look for a job of a user and make it where there is none.

    Where that cannot be had (no right to write, a disk without locks, somebody who keeps it) the
    work goes on: at worst there are two jobs.

    Args:
        output_root: Where jobs of all dates and users lie.
        user: Whose job.
    """
    descriptor = None
    with suppress(OSError):
        day = f"{datetime.now().astimezone():%Y/%m/%d}/{safe_file_name(user)}"
        folder = make_shared_folder(output_root, day)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        lock_within(descriptor, fcntl.LOCK_EX, LONGEST_WAIT)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def find_same(job: Job, output_root: Path) -> Path | None:
    """Return the newest job of the same film with the same options, None where there is none.

    Args:
        job: What is wanted; need not be listened for.
        output_root: Where jobs of all dates and users lie; need not exist.
    """
    return first_same(job, _newest_first(output_root, safe_file_name(job.user)))


def first_same(job: Job, places: Iterable[Path]) -> Path | None:
    """Return the first of some jobs that is of the same film with the same options.

    Args:
        job: What is wanted; need not be listened for.
        places: Job directories, the newest first.
    """
    assert job.film is not None
    mark = job.film.identity.encode("ascii")
    for place in places:
        with suppress(OSError, InputError):  # another user's, or one that is being removed
            status = place.lstat()
            if status.st_uid != os.geteuid() or not stat.S_ISDIR(status.st_mode):
                continue
            if mark not in _job_content(place, mark):
                continue
            other = show_job(place).job
            if other is not None and _is_wanted(other, job) and _is_same_film(place, other, job):
                return place
    return None


def run_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that are of a run, not of what a film becomes.

    Args:
        settings: What `--set` gave.
    """
    return {key: value for key, value in settings.items() if _shapes_nothing(key)}


def _newest_first(output_root: Path, user: str) -> Iterator[Path]:
    """Yield a user's job directories."""
    for year in numbered(output_root):
        for month in numbered(year):
            for day in numbered(month):
                yield from numbered(day / user)


def numbered(folder: Path) -> list[Path]:
    """Return the folders that are called by a number, the highest first.

    Args:
        folder: Need not be there.
    """
    try:
        with os.scandir(folder) as entries:
            names = [one.name for one in entries if one.name.isascii() and one.name.isdigit()]
    except OSError:
        return []
    return [folder / name for name in sorted(names, key=int, reverse=True)]


def _job_content(place: Path, mark: bytes) -> bytes:
    """Return what a job's job.json holds; of ours, one that a power cut took is rescued first."""
    with suppress(FileNotFoundError):
        content = content_of(place / JOB_FILE)
        if content.strip(BLANK):
            return content
    if mark in content_of(place / CHECKPOINT_DIR / KEPT_COPY):
        load_job(place)
    return content_of(place / JOB_FILE)


def content_of(path: Path) -> bytes:
    """Return what a file holds; nothing of what is none, such as a pipe.

    Args:
        path: The file; a link is none.

    Raises:
        OSError: It cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(MOST_JOB_BYTES)


def _is_wanted(other: Job, job: Job) -> bool:
    """Return whether two jobs are of the same options."""
    if any(getattr(other, name) != getattr(job, name) for name in FIELDS):
        return False
    if _text_of(other) != _text_of(job):
        return False
    if other.film is None or job.film is None or other.film.identity != job.film.identity:
        return False
    left_open = [
        {key for key in one.resolved if key != HEARD and not _shapes_nothing(key)}
        for one in (other, job)
    ]
    if left_open[0] != left_open[1] or (HEARD in other.resolved and HEARD in job.given):
        return False
    return _shaping(other) == _shaping(job)


def _text_of(job: Job) -> str:
    """Return which text a job begins with: an edited one is the same, and noticed by the run."""
    if job.text is None:
        return ""
    if not job.has_film:
        return "alone"
    return f"track:{job.text.track}" if job.text.track else job.text.path


def _shaping(job: Job) -> dict[str, Any]:
    """Return the settings that were given and shape results, as the program takes them."""
    given = {key: job.config.get(key) for key in job.given if not _shapes_nothing(key)}
    given = {key: value for key, value in given.items() if key not in job.resolved}
    return {
        key: getattr(PipelineConfig.model_validate({key.lower(): value}), key.lower())
        for key, value in given.items()
    }


def _shapes_nothing(key: str) -> bool:
    return key in SHAPE_NOTHING or scope_of(key) == "limit"


def _is_same_film(place: Path, other: Job, job: Job) -> bool:
    """Return whether the whole film is the one that a job was made for; read if it must be."""
    if other.film == job.film:
        return True
    records = CheckpointManager(place, only_looks=True)
    for stage in STAGE_ORDER:
        record = records.load_record(stage)
        if record is not None and record.film is not None and record.film.sha256 != UNKNOWN:
            film = Path(job.media.path)
            return record.film.matches(film) or sha256_of(film) == record.film.sha256
    return True  # no stage has read it yet: nothing of another film is in the job
