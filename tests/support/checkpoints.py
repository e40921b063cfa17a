#!/usr/bin/env python3
"""
Checkpoints: records of finished stages written by hand, where running the stage proves nothing.

Usage:
    from tests.support.checkpoints import make_checkpoint

    make_checkpoint("asr", parameters={"ASR_BEAM_SIZE": 5})
"""

from __future__ import annotations

from typing import Any

from shared.environment_manager import STAGE_TO_ENV, EnvironmentManager
from shared.pipeline.job.record.manifest import Checkpoint


def make_checkpoint(stage: str, **fields: Any) -> Checkpoint:
    """Return the record of a stage that finished in its environment as it is now.

    Args:
        stage: A name in STAGE_ORDER.
        fields: Fields that are not the usual ones.
    """
    environment = STAGE_TO_ENV[stage] if stage != "translation" else "whisperx"
    usual: dict[str, Any] = {
        "stage": stage,
        "status": "done",
        "finished_at": "2026-11-23T01:02:03+00:00",
        "seconds": 1.0,
        "peak_memory_mb": 10.0,
        "environment": environment,
        "environment_lock": EnvironmentManager(profile="cpu").lock_digest(environment),
        "inputs": {},
        "parameters": {},
        "job_fields": {},
        "code": {},
        "outputs": {},
        "warnings": [],
        "summary": {},
    }
    return Checkpoint(**(usual | fields))
