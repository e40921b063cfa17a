#!/usr/bin/env python3
"""
Passing over: the record of a stage that a job does not need, made without any process.

Usage:
    from shared.pipeline.run.passing_over import pass_over

    result = pass_over(job_dir, job, planner, "asr")
"""

from __future__ import annotations

from pathlib import Path

from shared.core.errors import EXIT_SUCCESS
from shared.environment_manager import STAGE_TO_ENV
from shared.pipeline.job.checkpoint import now
from shared.pipeline.job.commit import SCRATCH_DIR, commit_outputs
from shared.pipeline.job.job import Job
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.plan import Planner
from shared.pipeline.run.result import StageResult


def pass_over(job_dir: Path, job: Job, planner: Planner, stage: str) -> StageResult | None:
    """Record that a stage is not needed, where nothing says so yet.

    Args:
        job_dir: The job directory, under its lock.
        job: What was prepared.
        planner: Which stages are not needed; it reads the record anew.
        stage: A name in STAGE_ORDER.

    Returns:
        What became of the stage; None where it is needed, or was recorded before.
    """
    reason = planner.unneeded.get(stage)
    known = planner.checkpoint(stage)
    if reason is None or (known and known.status == "skipped" and known.reason == reason):
        return None
    text = vars(job)["text"]
    record = Checkpoint(
        stage=stage,
        job_id=job.job_id,
        status="skipped",
        reason=reason,
        finished_at=now(),
        seconds=0.0,
        peak_memory_mb=0.0,
        environment=STAGE_TO_ENV[stage],
        environment_lock=None,
        inputs={},
        parameters={},
        # Without the text the stage is one that was not done.
        job_fields={"TEXT": text.model_dump(mode="json") if text is not None else None},
        code={},
        outputs={},
        warnings=[],
        summary={},
    )
    scratch = job_dir / SCRATCH_DIR / stage
    scratch.parent.mkdir(exist_ok=True)
    commit_outputs(job_dir, record, scratch)
    planner.forget(stage)
    return StageResult(stage=stage, status="skipped", exit_code=EXIT_SUCCESS, reason=reason)
