#!/usr/bin/env python3
"""
Delivery: the results of a job where a person wants them, under the film file's own name.

The job keeps its copy. A file appears whole or not at all. What was delivered before and is still
as it was is replaced; every other file stays, and ours gets the next free number:
'Film.2.en.srt'. What was delivered is recorded in the job, so that the next job of the same film
knows it for ours.

Usage:
    from shared.pipeline.jobs.delivery import check_folder, deliver

    check_folder(folder)                        # before the work
    deliver(job_dir, folder, ["subtitle_generation", "mux"])
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import UnavailableError
from shared.core.files import fsync_directory, read_record, sha256_of, write_json
from shared.core.paths import PROJECT_ROOT
from shared.core.sharing import copy_file
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR
from shared.pipeline.job.job import JOB_FILE, Job, load_job
from shared.pipeline.jobs.listing import PLACES
from shared.pipeline.jobs.results import results

BESIDE = "beside"
RECORD = "delivered.json"
# The stages whose results a person takes away, and which of their files.
SUFFIXES = {
    "subtitle_generation": (".srt", ".vtt", ".ass", ".ttml"),
    "mux": (".mkv", ".mp4"),
    "export_transcript": (".txt",),
}
TRANSCRIPT = "transcript.txt"
DRAFT_PREFIX = ".cp-whisperx-"
Known = Callable[[], Mapping[str, Mapping[str, object]]]


@dataclass(frozen=True)
class Delivered:
    """A result that was taken to its place.

    Attributes:
        path: Where it lies now.
        source: The job's own file.
        beside: The file of somebody else that had its name, and stays; None when there was none.
        is_new: Whether it was written now; it may have been there already.
    """

    path: Path
    source: Path
    beside: Path | None = None
    is_new: bool = True


def folder_of(wanted: str, job: Job) -> Path | None:
    """Return where a job's results are to be delivered, None where nowhere.

    Args:
        wanted: DELIVER_TO: '', 'beside' (where the film lies), or a folder; a relative one lies in
            the project.
        job: Whose film.
    """
    if not wanted:
        return None
    if wanted == BESIDE:
        return Path(job.media.path).parent
    return PROJECT_ROOT / Path(wanted).expanduser()


def check_folder(folder: Path) -> None:
    """Make sure that results can be delivered into a folder; one that is not there is made.

    Args:
        folder: The place.

    Raises:
        UnavailableError: It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{DRAFT_PREFIX}{os.urandom(8).hex()}"
        draft.write_bytes(b"")
        draft.unlink()
    except OSError as error:
        raise _undeliverable(folder, error) from error


def deliver(job_dir: Path, folder: Path, stages: Iterable[str]) -> list[Delivered]:
    """Take the results of a job to a folder.

    Args:
        job_dir: The job directory.
        folder: The place, see check_folder.
        stages: Those whose results are wanted.

    Returns:
        What lies there now, films last.

    Raises:
        UnavailableError: The disk takes no more, or the folder cannot be written. The job has all.
    """
    job = load_job(job_dir)
    known = functools.cache(lambda: _delivered_before(job_dir, job))
    told: list[Delivered] = []
    try:
        for source, name in _wanted(job_dir, job, set(stages)):
            one = _place(source, folder, name, known)
            told.append(one)
            if one.is_new:
                facts = {"size": source.stat().st_size, "sha256": sha256_of(source)}
                record = {**_read_record(job_dir), str(one.path): facts}
                write_json(job_dir / CHECKPOINT_DIR / RECORD, record)
    except OSError as error:
        raise _undeliverable(folder, error) from error
    return told


def _wanted(job_dir: Path, job: Job, stages: set[str]) -> Iterator[tuple[Path, tuple[str, str]]]:
    """Yield the job's files that are delivered, with the parts of their names there."""
    if job.workflow != "transcribe":
        stages = stages - {"export_transcript"}
    for one in results(job_dir):
        path, stem = one.path, job.file_stem
        if one.stage not in stages or path.suffix not in SUFFIXES.get(one.stage, ()):
            continue
        if one.state == "lost" or path.is_symlink():
            continue
        if path.name == TRANSCRIPT:
            yield path, (stem, f".{TRANSCRIPT}")
        elif path.name.startswith(f"{stem}."):
            yield path, (stem, path.name.removeprefix(stem))


def _place(source: Path, folder: Path, name: tuple[str, str], known: Known) -> Delivered:
    """Copy a file to the first of its names that is free, ours, or has that content already."""
    stem, rest = name
    number, beside = 1, None
    while True:
        target = folder / (stem + rest if number == 1 else f"{stem}.{number}{rest}")
        if not os.path.lexists(target):
            if _copied(source, target, is_ours=False):
                return Delivered(target, source, beside)
            continue  # somebody has just taken the name
        if target.is_file() and not target.is_symlink():
            if _is_same(source, target):
                return Delivered(target, source, beside, is_new=False)
            if _is_as_delivered(target, known().get(str(target))):
                _copied(source, target, is_ours=True)
                return Delivered(target, source, beside)
        beside = beside or target
        number += 1


def _copied(source: Path, target: Path, is_ours: bool) -> bool:
    """Copy a file under a name of its own, then give it its name; return whether it got that."""
    draft = target.with_name(f"{DRAFT_PREFIX}{os.urandom(8).hex()}")
    try:
        copy_file(source, draft)
        fsync_directory(draft)
        if is_ours:
            draft.replace(target)
        else:
            _link(draft, target)
        fsync_directory(target.parent)
        return True
    except FileExistsError:
        return False
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _link(draft: Path, target: Path) -> None:
    """Give a file a name that nothing has; a file system without hard links cannot be as sure."""
    try:
        os.link(draft, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        draft.rename(target)


def _is_same(source: Path, target: Path) -> bool:
    return source.stat().st_size == target.stat().st_size and sha256_of(source) == sha256_of(target)


def _is_as_delivered(target: Path, facts: Mapping[str, object] | None) -> bool:
    """Return whether a file is what was delivered there, unchanged since."""
    if facts is None or target.stat().st_size != facts.get("size"):
        return False
    return sha256_of(target) == facts.get("sha256")


def _delivered_before(job_dir: Path, job: Job) -> dict[str, Mapping[str, object]]:
    """Return what this and other jobs of the same film delivered, by path."""
    known: dict[str, Mapping[str, object]] = {}
    for other in sorted(job_dir.parents[4].glob(PLACES)) if len(job_dir.parents) > 4 else ():
        media = (read_record(other / JOB_FILE) or {}).get("media")
        if isinstance(media, dict) and media.get("path") == job.media.path:
            known |= _read_record(other)
    return known | _read_record(job_dir)


def _read_record(job_dir: Path) -> dict[str, Mapping[str, object]]:
    record = read_record(job_dir / CHECKPOINT_DIR / RECORD) or {}
    return {path: facts for path, facts in record.items() if isinstance(facts, dict)}


def _undeliverable(folder: Path, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"Results cannot be delivered to {folder}: {error.strerror or error}",
        hint="Nothing is lost, the job has them: make room there, or deliver elsewhere",
    )
