#!/usr/bin/env python3
"""
Checkpoint: the record of a finished stage, written last, after its outputs are in place.

Usage:
    from shared.pipeline.checkpoint import CheckpointManager

    checkpoints = CheckpointManager(job_dir)
    checkpoints.load("asr")
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.core.errors import InputError
from shared.core.files import fsync_directory, read_json, sha256_of, write_json
from shared.stage_order import STAGE_ORDER

CHECKPOINT_DIR = ".checkpoints"


class OutputFile(BaseModel):
    """A file that a stage wrote; size and mtime tell cheaply that it did not change."""

    model_config = ConfigDict(extra="forbid")

    sha256: str
    size: int
    mtime_ns: int

    def matches(self, path: Path) -> bool:
        """Return whether the file looks untouched since it was recorded, without reading it."""
        status = path.stat()
        return status.st_size == self.size and status.st_mtime_ns == self.mtime_ns


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
    outputs: dict[str, OutputFile]
    rungs: list[FailedRung] = Field(default_factory=list, description="what failed before")
    warnings: list[str]
    summary: dict[str, Any]


class CheckpointManager:
    """Save, load and remove the checkpoints of one job (standards 11.2).

    Args:
        job_dir: The job directory.
    """

    def __init__(self, job_dir: Path) -> None:
        self._dir = job_dir / CHECKPOINT_DIR

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, atomically and durably.

        Args:
            checkpoint: The record of a stage whose outputs are in place.
        """
        self._dir.mkdir(exist_ok=True)
        write_json(self._path(checkpoint.stage), checkpoint.model_dump(mode="json"))
        fsync_directory(self._dir)

    def load_checkpoint(self, stage: str) -> Checkpoint | None:
        """Return the checkpoint of a stage, None when there is none.

        A file that is not a checkpoint is put aside as `<stage>.json.broken`: the stage then runs
        again, and nothing is lost.

        Args:
            stage: A name in STAGE_ORDER.
        """
        path = self._path(stage)
        if not path.is_file():
            return None
        try:
            checkpoint = Checkpoint.model_validate(read_json(path))
            if checkpoint.stage == stage:
                return checkpoint
        except (InputError, ValidationError):
            pass
        path.replace(path.with_name(path.name + ".broken"))
        return None

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

    def _path(self, stage: str) -> Path:
        return self._dir / f"{stage}.json"


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
            status = path.stat()
            described[str(path.relative_to(directory))] = OutputFile(
                sha256=sha256_of(path), size=status.st_size, mtime_ns=status.st_mtime_ns
            )
    return described
