#!/usr/bin/env python3
"""
Stage state: what a caller saves about a finished stage, beside the record that the run keeps of it.

    .checkpoints/<stage>.state.json           saved from outside, after the stage
    .checkpoints/<stage>.state.json.pending   saved by the stage itself while it works

What a stage saves while it works counts when its outputs are in place: it then lies in the stage's
record, and goes with it into the cache. A failed attempt leaves nothing of it.

Usage:
    from shared.pipeline.job.stage_state import StageState, is_running_here, write_state

    write_state(path, "asr", {"segments_count": 12})
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.config import secret_values, stage_location
from shared.core.errors import InputError
from shared.core.files import read_json, write_text
from shared.core.redact import Redactor

State = dict[str, Any]
STATE_SUFFIX = ".state.json"
PENDING_SUFFIX = STATE_SUFFIX + ".pending"


class StageState(BaseModel):
    """A saved state, in the form of standards 11.2."""

    model_config = ConfigDict(extra="forbid")

    stage: str
    timestamp: str
    state: State
    completed: Literal[True] = True


def write_state(path: Path, stage: str, state: State) -> None:
    """Write a state, atomically and durably, without the secrets that are set.

    Args:
        path: The final name; its folder must exist.
        stage: Whose state it is.
        state: What JSON can hold; keys become text and tuples lists, as JSON has it.

    Raises:
        TypeError: The state holds what JSON cannot, a Path for example; nothing is written.
        ValueError: The state contains itself; nothing is written.
    """
    timestamp = datetime.now().astimezone().isoformat(timespec="seconds")
    saved = {"stage": stage, "timestamp": timestamp, "state": state, "completed": True}
    text = json.dumps(saved, ensure_ascii=False, indent=2)
    # Half a character, as names that are not UTF-8 give it, becomes the escape that JSON has.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    write_text(path, Redactor(secret_values()).text(text) + "\n")


def read_state(path: Path, stage: str) -> State | None:
    """Return a saved state, None without one.

    Args:
        path: Where it lies.
        stage: Whose state it is.

    Raises:
        InputError: The file is damaged, or another stage's.
    """
    if not path.is_file():
        return None
    hint = "Remove it, or save the state again"
    try:
        saved = StageState.model_validate(read_json(path, halves=True))
    except ValidationError as error:
        raise InputError(f"{path}: {error.errors()[0]['msg']}", hint) from error
    if saved.stage != stage:
        raise InputError(f"{path}: it is the state of {saved.stage}", hint)
    return saved.state


def is_running_here(job_dir: Path, stage: str) -> bool:
    """Return whether this process, or one that started it, is a stage of a job at its work.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER.
    """
    try:
        running_job, scratch = stage_location()
    except InputError:
        return False
    is_this_job = running_job.resolve() == job_dir.resolve()
    return is_this_job and scratch.name.startswith(f"{stage}.")
