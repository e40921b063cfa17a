#!/usr/bin/env python3
"""
Record: batch.json: what a batch was asked for, its films, and how each stands.

It lies in OUTPUT_ROOT/YYYY/MM/DD/<user>/batch-<N>/, beside the jobs of that day. What is done is
told by the jobs themselves: a batch that is started again asks them, not this file.

Usage:
    from shared.pipeline.batch.record import BatchRecord, read_batch, write_batch
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

from shared.core.errors import InputError, first_fault
from shared.core.files import read_json, write_json

BATCH_FILE = "batch.json"
LOCK_FILE = ".lock"
BATCH_PREFIX = "batch-"
FilmState = Literal[
    "left alone",
    "waiting",
    "preparing",
    "running",
    "done",
    "degraded",
    "failed",
    "cancelled",
    "interrupted",
    "not begun",
]
BatchState = Literal["looking", "running", "paused", "stopping", "ended"]
# A film in one of these has nothing before it in this batch.
ENDED = frozenset(
    {"left alone", "done", "degraded", "failed", "cancelled", "interrupted", "not begun"}
)


def _escaped(text: str) -> str:
    """Return text that a file can hold: the bytes of a name that is no UTF-8 become escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


Told = Annotated[str, PlainSerializer(_escaped)]


class FilmRecord(BaseModel):
    """One file that a batch looked at."""

    model_config = ConfigDict(extra="forbid")

    order: int = Field(ge=0, description="as it was found; films begin in this order")
    path: Told
    state: FilmState
    reason: Told = Field(default="", description="why it was left alone, or what went wrong")
    hint: str = Field(default="", description="what to do about that")
    exit_code: int | None = None
    job: str | None = Field(default=None, description="the job directory")
    workflow_stages: list[str] = Field(default_factory=list, description="all that it takes")
    stage: str = Field(default="", description="at work, or waiting for its turn")
    is_waiting: bool = Field(default=False, description="whether that stage waits for a slot")
    expected_seconds: dict[str, float] = Field(
        default_factory=dict, description="by stage that is still to be done"
    )
    began_at: str | None = None
    ended_at: str | None = None
    attempts: int = Field(default=0, ge=0, description="of stages, in this batch")
    delivered: list[str] = Field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its file."""
        return Path(self.path).name

    @property
    def has_ended(self) -> bool:
        """Whether nothing is before it in this batch."""
        return self.state in ENDED


class BatchRecord(BaseModel):
    """`batch.json`: one run of the verb batch."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1] = 1
    key: str = Field(description="of what was asked for: two with the same do the same")
    command: list[Told] = Field(description="arguments as they were typed")
    workflow: str
    user: str
    host: str
    pid: int
    created_at: str
    ended_at: str | None = None
    state: BatchState = "looking"
    watched: list[Told] = Field(default_factory=list, description="folders, by the verb watch")
    closed: str = Field(default="", description="why no stage begins now")
    crowded: str = Field(default="", description="who else has what the next stage waits for")
    exit_code: int | None = None
    memory_budget_mb: int = 0
    occupied: list[dict[str, str | int]] = Field(default_factory=list)
    waiting: list[str] = Field(default_factory=list, description="the next one first")
    films: list[FilmRecord] = Field(default_factory=list)


def write_batch(folder: Path, record: BatchRecord) -> None:
    """Write batch.json, whole or not at all.

    Args:
        folder: Of the batch.
        record: What it holds.

    Raises:
        OSError: The disk takes no more.
    """
    write_json(folder / BATCH_FILE, record.model_dump(mode="json"))


def read_batch(folder: Path) -> BatchRecord:
    """Read batch.json.

    Args:
        folder: Of the batch.

    Returns:
        What it holds, checked field by field.

    Raises:
        InputError: There is none, or it cannot be used.
    """
    path = folder / BATCH_FILE
    if not path.is_file():
        raise InputError(f"{folder} is no batch: it has no {BATCH_FILE}", hint="Name its folder")
    try:
        return BatchRecord.model_validate(read_json(path))
    except ValidationError as error:
        raise InputError(
            f"{path}: {first_fault(error)}", hint="It was written by another version"
        ) from error
