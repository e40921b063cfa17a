#!/usr/bin/env python3
"""
Editing: a person's change to a file of a job, the one way for every program that makes one.

The job is locked meanwhile, so that no run reads or replaces the file; the change is refused when
the file is not what the person saw, so that of two people nobody loses his; a former edit of a
result is put aside; a final name never holds half a file.

Usage:
    from shared.pipeline.jobs.editing import edit_file, read_file

    seen = read_file(job_dir, "11_subtitle_generation/film.en.srt")
    edit_file(job_dir, seen.name, seen.content.replace(b"teh", b"the"), seen.sha256)
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.core.errors import InputError, UnavailableError, first_fault
from shared.core.files import free_name, fsync_directory
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.commit import EDITED_DIR, SCRATCH_DIR, leave_no_scratch
from shared.pipeline.job.job import JOB_FILE, Job, keep_copy, load_job
from shared.pipeline.job.lock import hold_job_lock
from shared.pipeline.job.output_file import FILM_AND_SOUND, OutputFile
from shared.pipeline.job.outputs import STAGE_OF_FOLDER

WRITABLE = 0o200


class ChangedFileError(InputError):
    """Somebody else has changed a file since the person read it (exit code 2)."""


@dataclass(frozen=True)
class FileContent:
    """A file of a job as a person sees it: name in the job directory, content, its SHA-256."""

    name: str
    content: bytes
    sha256: str


@dataclass(frozen=True)
class Edited:
    """What an edit did.

    Attributes:
        name: The file's name in the job directory.
        before: SHA-256 of what was there.
        after: SHA-256 of what is there now.
        kept: Where a former edit of a result went that this one replaced; None when there was none.
    """

    name: str
    before: str
    after: str
    kept: Path | None = None


def read_file(job_dir: Path, name: str) -> FileContent:
    """Return a file of a job that may be edited.

    Args:
        job_dir: The job directory.
        name: 'job.json', or a stage's output: '11_subtitle_generation/film.en.srt'.

    Raises:
        InputError: There is no such file, or it is not for editing.
    """
    path, _ = _editable(job_dir, name)
    content = path.read_bytes()
    return FileContent(name, content, hashlib.sha256(content).hexdigest())


def edit_file(
    job_dir: Path, name: str, content: bytes, seen: str | None = None, wait: float = 0.0
) -> Edited:
    """Put new content in the place of a file of a job.

    Args:
        job_dir: The job directory.
        name: As for read_file.
        content: The whole new content.
        seen: SHA-256 of what the person saw; None = whatever is there.
        wait: Seconds to wait for what a killed run left.

    Returns:
        What was done; the next run does again what reads the file.

    Raises:
        UnavailableError: A run holds the job, or the disk does not take the file.
        ChangedFileError: Somebody has changed it since.
        InputError: There is no such file, it is not for editing, or the content is none that the
            file may have.
    """
    load_job(job_dir)
    with hold_job_lock(job_dir, wait):
        path, recorded = _editable(job_dir, name)
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        if seen is not None and seen != before:
            raise ChangedFileError(
                f"{name} has been changed by somebody else meanwhile",
                hint="Read it again and make the change there",
            )
        _check_content(name, content)
        try:
            kept = _keep_former(job_dir, path, before, recorded)
            _replace(job_dir, path, content)
        except OSError as error:
            raise UnavailableError(
                f"{path} cannot be written: {error.strerror}", hint="Free disk space there"
            ) from error
        if name == JOB_FILE:
            keep_copy(job_dir)
    return Edited(name, before, hashlib.sha256(content).hexdigest(), kept)


def _editable(job_dir: Path, name: str) -> tuple[Path, OutputFile | None]:
    """Return the path of a file that may be edited, and its stage's record of it."""
    if name == JOB_FILE:
        return _present(job_dir, name), None
    folder, _, inner = name.partition("/")
    stage = STAGE_OF_FOLDER.get(folder)
    record = CheckpointManager(job_dir, only_looks=True).load_record(stage) if stage else None
    if record is None or inner not in record.outputs:
        raise InputError(
            f"{name} is no result of this job", hint="Name a result as the job shows it"
        )
    path = _present(job_dir, name)
    if path.suffix.lower() in FILM_AND_SOUND:
        raise InputError(f"{name} is sound or film: its stage makes it", hint="Edit a text of it")
    return path, record.outputs[inner]


def _present(job_dir: Path, name: str) -> Path:
    """Return the path of a file that is there, in folders of the job's own."""
    path = job_dir / name
    here = os.path.realpath(path) == os.path.join(os.path.realpath(job_dir), name)
    if not here or not path.is_file():
        raise InputError(f"{name} is not there, or is a link", hint="Run the job to make it again")
    return path


def _check_content(name: str, content: bytes) -> None:
    """Refuse what no reader of such a file could read."""
    try:
        text = content.decode("utf-8-sig")
        if name == JOB_FILE:
            Job.model_validate_json(content)
        elif name.endswith(".json"):
            json.loads(text)
    except ValidationError as error:
        raise InputError(f"{name}: {first_fault(error)}", hint="Nothing was changed") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: {error}", hint="Nothing was changed") from error


def _keep_former(
    job_dir: Path, path: Path, before: str, recorded: OutputFile | None
) -> Path | None:
    """Copy what a person had made of the file to `edited/`; what its stage wrote can be remade."""
    if recorded is None or before == recorded.sha256:
        return None
    kept = free_name(job_dir / EDITED_DIR / path.relative_to(job_dir))
    kept.parent.mkdir(parents=True, exist_ok=True)
    _replace(job_dir, kept, path.read_bytes(), path.stat().st_mode)
    return kept


def _replace(job_dir: Path, path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file durably under a name of its own, then give it the final name."""
    mode = path.stat().st_mode if mode is None else mode
    scratch = job_dir / SCRATCH_DIR
    scratch.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix="edit.", dir=scratch)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode & 0o777 | WRITABLE)
        os.replace(temporary, path)
        fsync_directory(path.parent)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        leave_no_scratch(job_dir)
