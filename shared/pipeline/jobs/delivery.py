#!/usr/bin/env python3
"""
Delivery: the results of a job where a person wants them, under the film file's own name.

The job keeps its copy. A file appears whole or not at all. What was delivered before and is still
as it was is replaced; every other file stays, and ours gets the next free number:
'Film.2.en.srt'. What was delivered is recorded in the job under this user's seal, so that the next
job of the same film knows it for ours, and a job that somebody hands over claims nothing.

Usage:
    from shared.pipeline.jobs.delivery import check_folder, deliver

    check_folder(folder)                        # before the work
    deliver(job_dir, folder, ["subtitle_generation", "mux"])
"""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import UnavailableError
from shared.core.files import fsync_directory, sha256_of
from shared.core.paths import PROJECT_ROOT
from shared.core.sharing import copy_file
from shared.pipeline.job.job import Job, load_job
from shared.pipeline.jobs.delivered import DeliveryRecord
from shared.pipeline.jobs.results import results

BESIDE = "beside"
# The stages whose results a person takes away, and which of their files.
SUFFIXES = {
    "subtitle_generation": (".srt", ".vtt", ".ass", ".ttml"),
    "mux": (".mkv", ".mp4"),
    "export_transcript": (".txt",),
}
TRANSCRIPT = "transcript.txt"
DRAFT_PREFIX = ".cp-whisperx-"
DRAFT_NAME = re.compile(re.escape(DRAFT_PREFIX) + r"[0-9a-f]{16}")
OLD_DRAFT_SECONDS = 86_400.0
LONGEST_NAME = 240  # bytes; file systems take 255, and a number may be put in


@dataclass(frozen=True)
class Delivered:
    """A result that was taken to its place.

    Attributes:
        path: Where it lies now.
        source: The job's own file.
        beside: The file of somebody else that had its name, and stays; None when there was none.
        digest: SHA-256 of what was written now; '' where it was there already.
    """

    path: Path
    source: Path
    beside: Path | None = None
    digest: str = ""

    @property
    def is_new(self) -> bool:
        """Whether it was written now."""
        return bool(self.digest)


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
        UnavailableError: It cannot be made or written, or no record can hold its name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _real(folder)
        _sweep(folder)
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
    record = DeliveryRecord(job_dir, job)
    told: list[Delivered] = []
    try:
        folder = _real(folder)
        for source, rest in _wanted(job_dir, job, set(stages)):
            told.append(_place(source, folder, (_stem_in(folder, job, rest), rest), record))
    except OSError as error:
        raise _undeliverable(folder, error) from error
    return told


def _real(folder: Path) -> Path:
    """Return a folder without links; the record of what was delivered names it so, in UTF-8."""
    real = folder.resolve(strict=True)
    try:
        str(real).encode()
    except UnicodeEncodeError as error:
        raise UnavailableError(
            f"Results cannot be delivered to {real}: it is not a UTF-8 name",
            hint="Rename the folder, or deliver elsewhere",
        ) from error
    return real


def _wanted(job_dir: Path, job: Job, stages: set[str]) -> Iterator[tuple[Path, str]]:
    """Yield the job's files that are delivered, with what follows the film's name in theirs."""
    if job.workflow != "transcribe":
        stages = stages - {"export_transcript"}
    for one in results(job_dir):
        path, stem = one.path, job.file_stem
        if one.stage not in stages or path.suffix not in SUFFIXES.get(one.stage, ()):
            continue
        # Not by a link, and not in a folder of the stage's: that may be a link.
        if one.state == "lost" or path.is_symlink() or path.parent.parent != job_dir:
            continue
        if path.name == TRANSCRIPT:
            yield path, f".{TRANSCRIPT}"
        elif path.name.startswith(f"{stem}."):
            yield path, path.name.removeprefix(stem)


def _stem_in(folder: Path, job: Job, rest: str) -> str:
    """Return what a file's name begins with: the film's, letter by letter, where the disk has it.

    Players look for it. Another disk may take fewer letters: there it is the name in the job.
    """
    film = Path(job.media.path)
    is_long = len(os.fsencode(film.stem + rest)) > LONGEST_NAME
    try:
        is_here = film.parent.stat().st_dev == folder.stat().st_dev
    except OSError:
        is_here = False
    return film.stem if is_here and not is_long and film.stem == job.file_name else job.file_stem


def _place(source: Path, folder: Path, name: tuple[str, str], record: DeliveryRecord) -> Delivered:
    """Copy a file to the first of its names that is free, ours, or has that content already."""
    stem, rest = name
    beside: Path | None = None
    draft: Path | None = None
    try:
        for number in itertools.count(1):
            target = folder / (stem + rest if number == 1 else f"{stem}.{number}{rest}")
            if _is_same(source, target):
                return Delivered(target, source, beside)
            if draft is None:  # before the look: nothing is looked at long before it is replaced
                draft = target.with_name(f"{DRAFT_PREFIX}{os.urandom(8).hex()}")
                copy_file(source, draft)
                fsync_directory(draft)
                digest = sha256_of(draft)
            if _took(draft, target, record, digest):
                fsync_directory(folder)
                record.confirm(target, digest)
                return Delivered(target, source, beside, digest)
            beside = beside or target
    finally:
        if draft is not None:
            with suppress(OSError):  # swept when it is old
                draft.unlink(missing_ok=True)
    raise AssertionError("numbers do not end")


def _took(draft: Path, target: Path, record: DeliveryRecord, digest: str) -> bool:
    """Give a draft a name that nothing has, or that what we delivered has; return whether it is so.

    Of many that want a name one gets it.
    """
    before = _state_of(target)
    if before and not record.is_ours(target):
        return False
    record.announce(target, digest)
    if _state_of(target) == before:
        if before:
            draft.replace(target)
            return True
        with suppress(FileExistsError):
            _give_a_free_name(draft, target)
            return True
    record.withdraw(target)
    return False


def _state_of(target: Path) -> tuple[int, int, int] | None:
    """Return what changes when somebody writes a file, None where nothing has its name."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _give_a_free_name(draft: Path, target: Path) -> None:
    """Give a draft a name that nothing has.

    Raises:
        FileExistsError: Something has it.
        OSError: The folder takes no more.
    """
    try:
        os.link(draft, target)  # the draft's own name goes with the draft
        return
    except FileExistsError:
        raise
    except OSError:  # this file system has no second names: the name is taken by an empty file
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        draft.replace(target)
    except OSError:
        target.unlink()
        raise


def _is_same(source: Path, target: Path) -> bool:
    if target.is_symlink() or not target.is_file():
        return False
    try:
        is_as_long = source.stat().st_size == target.stat().st_size
        return is_as_long and sha256_of(source) == sha256_of(target)
    except (FileNotFoundError, PermissionError):
        return False


def _sweep(folder: Path) -> None:
    """Remove what a killed program was writing long ago."""
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        with suppress(OSError):
            is_ours = DRAFT_NAME.fullmatch(draft.name) and not draft.is_symlink()
            if is_ours and time.time() - draft.stat().st_mtime > OLD_DRAFT_SECONDS:
                draft.unlink()


def _undeliverable(folder: Path, error: OSError) -> UnavailableError:
    cause = error.strerror or str(error)
    if isinstance(error, FileExistsError | NotADirectoryError):
        there = next(p for p in (folder, *folder.parents) if os.path.lexists(p))
        is_lost = there.is_symlink() and not there.exists()
        cause = f"{there} is " + ("a link that leads nowhere" if is_lost else "no folder")
    return UnavailableError(
        f"Results cannot be delivered to {folder}: {cause}",
        hint="Nothing is lost, the job has them: make room there, or deliver elsewhere",
    )
