#!/usr/bin/env python3
"""
Order: one attempt for another machine, as data: what to run, on which files, with which settings.

A worker fetches it over TLS when it takes the attempt: what is secret in it stands in no task of
the scheduler, whose arguments end in logs.

Usage:
    from shared.pipeline.batch.cluster.order import Order

    Order.model_validate_json(answer)
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.record.manifest import Checkpoint, FailedRung, inside

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class InputFile(BaseModel):
    """A file of the job that a stage may read."""

    model_config = ConfigDict(extra="forbid")

    sha256: Digest
    size: int = Field(ge=0, description="bytes")


class Order(BaseModel):
    """What a worker is told of an attempt."""

    model_config = ConfigDict(extra="forbid")

    epoch: int = Field(ge=1, description="which taking of it this is: only the latest counts")
    stage: str
    environment: str
    job_id: str
    number: int
    rung: int
    failed_rungs: list[FailedRung]
    timeout: float = Field(description="seconds")
    grace: float = Field(description="seconds")
    stall: float = Field(description="seconds")
    memory_mb: int
    log_max_mb: int
    log_format: str
    minutes: float = Field(description="of the film")
    device: str
    languages: int
    files: dict[Annotated[str, AfterValidator(inside)], InputFile] = Field(
        description="by their names in the job directory"
    )
    settings: dict[str, Any] = Field(description="those that the stage's code can read, by key")
    secrets: dict[str, str] = Field(default_factory=dict, description="likewise")


class Told(BaseModel):
    """What a worker tells of a running attempt."""

    model_config = ConfigDict(extra="forbid")

    epoch: int
    events: list[dict[str, Any]] = Field(default_factory=list)


class Ending(BaseModel):
    """How an attempt ended, once all that it wrote is at home."""

    model_config = ConfigDict(extra="forbid")

    epoch: int
    kind: Literal["ended", "interrupted", "broken"]
    cause: str = ""
    result: dict[str, Any] = Field(default_factory=dict, description="a StageResult")
    record: Checkpoint | None = None
    log: str = Field(default="", description="the end of what the stage printed")


def outputs_of(record: Checkpoint | None) -> dict[str, OutputFile]:
    """Return what a stage wrote, by name; nothing where it failed or was skipped.

    Args:
        record: What it left behind, None = nothing.
    """
    return dict(record.outputs) if record is not None else {}
