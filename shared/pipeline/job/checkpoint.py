#!/usr/bin/env python3
"""
Checkpoint: the record of a finished stage, written last, after its outputs are in place.

Usage:
    from shared.pipeline.job.checkpoint import CheckpointManager

    checkpoints = CheckpointManager(job_dir)
    checkpoints.load("asr")
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from shared.core.errors import InputError
from shared.core.files import free_name, fsync_directory, read_json, sha256_of, write_json
from shared.core.sharing import MEDIA_SUFFIXES
from shared.stage_order import STAGE_ORDER

CHECKPOINT_DIR = ".checkpoints"
BROKEN = ".broken"
# What nobody shortens in an editor: shorter than it was, it is cut off.
FILM_AND_SOUND = MEDIA_SUFFIXES | {".mkv", ".mp4"}
HEAD_BYTES = 4096


def _inside(name: str) -> str:
    """Return the name of a file in a stage's directory."""
    path = Path(name)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name} leads out of the stage's directory")
    return name


class OutputFile(BaseModel):
    """A file that a stage wrote; size, time and inode tell cheaply that it did not change."""

    model_config = ConfigDict(extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")  # becomes a file's name in the cache
    size: int = Field(ge=0, description="bytes")
    mtime_ns: int
    inode: int = 0

    @classmethod
    def of(cls, path: Path, sha256: str | None = None) -> OutputFile:
        """Return the record of a file.

        Args:
            path: The file.
            sha256: Its digest where it is known; else the file is read.
        """
        status = path.stat()
        return cls(
            sha256=sha256 or sha256_of(path),
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino,
        )

    def matches(self, path: Path) -> bool:
        """Return whether the file looks untouched since it was recorded, without reading it.

        A file that was put back with its old time has another inode, and is read.
        """
        status = path.stat()
        recorded = (self.size, self.mtime_ns, self.inode)
        return recorded == (status.st_size, status.st_mtime_ns, status.st_ino)

    def loss(self, path: Path) -> str:
        """Return how the file was lost, in a way in which nobody edits it; empty if it was not.

        A full disk, a power cut or a bad copy leaves no bytes, zeros, or sound and film cut off.
        """
        if not path.is_file():
            return "gone"
        if self.size == 0 or self.matches(path):
            return ""
        size = path.stat().st_size
        if size == 0:
            return "empty"
        if size < self.size and path.suffix in FILM_AND_SOUND:
            return "cut off"
        with path.open("rb") as stream:
            return "" if stream.read(HEAD_BYTES).strip(b"\0") else "nothing but zeros"

    def holds(self, path: Path) -> bool:
        """Return whether the file is there with the recorded content; reads it if it must."""
        if not path.is_file():
            return False
        return self.matches(path) or sha256_of(path) == self.sha256


class FailedRung(BaseModel):
    """A step of the fallback ladder that ran out of memory or whose device failed."""

    model_config = ConfigDict(extra="forbid")

    rung: str
    reason: str
    seconds: float
    peak_memory_mb: float


class Checkpoint(BaseModel):
    """`.checkpoints/<stage>.json`: the manifest of one finished (or skipped) stage."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1] = 1
    stage: str
    job_id: str = Field(default="", description="whose it is: another job's is foreign")
    status: Literal["done", "skipped"]
    completed: Literal[True] = True
    reason: str = ""
    attempt: int = 1
    finished_at: str
    seconds: float
    peak_memory_mb: float
    environment: str
    environment_lock: str | None
    inputs: dict[str, str | None]
    parameters: dict[str, Any]
    job_fields: dict[str, Any]
    code: dict[str, str]
    outputs: dict[Annotated[str, AfterValidator(_inside)], OutputFile]
    rungs: list[FailedRung] = Field(default_factory=list, description="what failed before")
    reused_from: str = Field(default="", description="the job that did this work")
    warnings: list[str]
    summary: dict[str, Any]


class CheckpointManager:
    """Save, load and remove the checkpoints of one job (standards 11.2).

    Args:
        job_dir: The job directory.
        job_id: The job's own; a record that names another one is foreign.
        only_looks: Whether records that cannot be used stay where they are.
    """

    def __init__(self, job_dir: Path, job_id: str = "", only_looks: bool = False) -> None:
        self._dir = job_dir / CHECKPOINT_DIR
        self._job_id = job_id
        self._only_looks = only_looks

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, atomically and durably.

        Args:
            checkpoint: The record of a stage whose outputs are in place.
        """
        self._write(self._path(checkpoint.stage), checkpoint)

    def announce(self, checkpoint: Checkpoint) -> None:
        """Write what is about to be put in place, so that a kill in between loses nothing.

        Args:
            checkpoint: The record of a stage whose outputs are still in the scratch directory.
        """
        self._write(self._announced(checkpoint.stage), checkpoint)

    def fulfil(self, stage: str) -> None:
        """Turn the announced record into the checkpoint: the outputs are in place.

        Args:
            stage: A name in STAGE_ORDER.
        """
        self._announced(stage).replace(self._path(stage))
        fsync_directory(self._dir)

    def withdraw(self, stage: str) -> None:
        """Forget what was announced.

        Args:
            stage: A name in STAGE_ORDER.
        """
        self._announced(stage).unlink(missing_ok=True)

    def announced(self) -> list[Checkpoint]:
        """Return what killed runs announced and did not fulfil, in STAGE_ORDER."""
        found = [self._load(self._announced(stage), stage) for stage in STAGE_ORDER]
        return [checkpoint for checkpoint in found if checkpoint is not None]

    def load_checkpoint(self, stage: str) -> Checkpoint | None:
        """Return the checkpoint of a stage, None when there is none.

        A file that is not a checkpoint, of another version or another job is put aside as
        `<stage>.json.broken`: the stage then runs again, and nothing is lost.

        Args:
            stage: A name in STAGE_ORDER.
        """
        return self._load(self._path(stage), stage)

    def remove_checkpoint(self, stage: str) -> None:
        """Forget that a stage was finished; done before its outputs are replaced.

        Args:
            stage: A name in STAGE_ORDER.
        """
        self._path(stage).unlink(missing_ok=True)

    def get_last_completed_stage(self) -> str | None:
        """Return the last finished stage in STAGE_ORDER, None when none is finished."""
        done = [stage for stage in STAGE_ORDER if self.load_checkpoint(stage) is not None]
        return done[-1] if done else None

    def _load(self, path: Path, stage: str) -> Checkpoint | None:
        if not path.is_file():
            return None
        try:
            checkpoint = Checkpoint.model_validate(read_json(path))
            own = not self._job_id or checkpoint.job_id in {"", self._job_id}
            if checkpoint.stage == stage and own:
                return checkpoint
        except (InputError, ValidationError):
            pass
        if not self._only_looks:
            path.replace(free_name(path.with_name(path.name + BROKEN)))
        return None

    def _write(self, path: Path, checkpoint: Checkpoint) -> None:
        self._dir.mkdir(exist_ok=True)
        write_json(path, checkpoint.model_dump(mode="json"))
        fsync_directory(self._dir)

    def _path(self, stage: str) -> Path:
        return self._dir / f"{stage}.json"

    def _announced(self, stage: str) -> Path:
        return self._dir / f"{stage}.json.announced"


def now() -> str:
    """Return the time of day with its offset, ISO 8601, to be shown and never compared."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def describe_outputs(directory: Path) -> dict[str, OutputFile]:
    """Return the record of every file that a stage wrote.

    Args:
        directory: The stage's directory.

    Returns:
        File name relative to the directory, to its digest, size and time.
    """
    described: dict[str, OutputFile] = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            described[str(path.relative_to(directory))] = OutputFile.of(path)
    return described
