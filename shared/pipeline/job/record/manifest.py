#!/usr/bin/env python3
"""
Manifest: what the record of a finished stage holds: what it depended on, wrote and took.

Usage:
    from shared.pipeline.job.record.manifest import Checkpoint

    Checkpoint.model_validate(read_json(path))
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.core.ran.programs import Program
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.renumber import name_of_today
from shared.pipeline.job.stage_state import State

# Of a name in a folder, and of all of them down to a file: what Linux and macOS take.
LONGEST = 255
MOST_BYTES = 1023


def inside(name: str) -> str:
    """Return the name of a file in a stage's directory, one that a disk takes.

    Args:
        name: Relative to it.

    Raises:
        ValueError: It leads elsewhere, or is too long.
    """
    path = Path(name)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name} leads out of the stage's directory")
    encoded = name.encode("utf-8", "surrogateescape")
    if len(encoded) > MOST_BYTES or any(len(part) > LONGEST for part in encoded.split(b"/")):
        raise ValueError(f"{name[:40]}… is longer than any file's name")
    return name


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
    cpu_seconds: float = Field(default=0.0, description="of all its processes")
    environment: str
    environment_lock: str | None
    packages: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="versions of what was imported, by environment"
    )
    drifted: list[str] = Field(
        default_factory=list, description="packages in another version than the lock has"
    )
    programs: dict[str, Program] = Field(default_factory=dict, description="what was started")
    film: OutputFile | None = Field(default=None, description="the whole film, as it was read")
    inputs: dict[Annotated[str, AfterValidator(name_of_today)], str | None]
    parameters: dict[str, Any]
    job_fields: dict[str, Any]
    code: dict[str, str]
    outputs: dict[Annotated[str, AfterValidator(inside)], OutputFile]
    rungs: list[FailedRung] = Field(default_factory=list, description="what failed before")
    reused_from: str = Field(default="", description="the job that did this work")
    is_told: bool = Field(default=True, description="whether the stage told what it read")
    unplaced: list[str] = Field(
        default_factory=list, description="files in the job directory that may be outputs, too"
    )
    warnings: list[str]
    over_budget: list[str] = Field(
        default_factory=list, description="time and memory of this run beyond the stage's budget"
    )
    outages: list[str] = Field(default_factory=list, description="what was asked for and not there")
    missing: list[str] = Field(default_factory=list, description="what the user does not get by it")
    lacks: list[str] = Field(
        default_factory=list, description="what was done in a lesser way for want of something"
    )
    summary: dict[str, Any]
    state: State | None = Field(default=None, description="what the stage itself saved")
