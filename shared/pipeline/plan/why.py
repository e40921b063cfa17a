#!/usr/bin/env python3
"""
Why: what a stage depends on, and what of it changed since it ran, from what to what.

Usage:
    from shared.pipeline.plan.why import explain

    for line in explain(job_dir, "asr"): ...
"""

from __future__ import annotations

from pathlib import Path

from shared.config import load_config
from shared.environment_manager import EnvironmentManager
from shared.pipeline.cache.opening import open_cache
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.job import load_job
from shared.pipeline.job.record.change import short
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.plan import Planner, Step
from shared.pipeline.plan.selection import Selection
from shared.stage_order import STAGE_ORDER

LONGEST_VALUE = 60


def explain(job_dir: Path, stage: str) -> list[str]:
    """Return why a stage would run again or not, in lines for a person.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER.
    """
    job = load_job(job_dir)
    config = load_config(job_dir)
    fingerprints = Fingerprints(job_dir, job, config, EnvironmentManager())
    cache = open_cache(config)
    planner = Planner(job_dir, Selection(), fingerprints, job.job_id, cache, only_looks=True)
    steps = planner.plan(STAGE_ORDER[: STAGE_ORDER.index(stage) + 1])
    checkpoint = planner.checkpoint(stage)
    if checkpoint is None:
        return [f"{stage} {_fate(steps[-1], 'will run')}: it has not been done in this job"]
    found = planner.findings(checkpoint)
    edited, reasons = found.edited, found.reasons
    lines = []
    if edited:
        lines.append(f"{stage} is kept: edited by hand: {', '.join(edited)}")
        lines.append(f"  --force {stage} makes it anew; the edited files then go to edited/")
    elif reasons:
        lines.append(f"{stage} {_fate(steps[-1], 'will run again')}:")
    if reasons:
        lines += [f"  {c.what}: {_cut(c.before)} -> {_cut(c.after)}" for c in reasons]
        return lines
    earlier = _earlier_reasons(steps)
    if edited or earlier:
        return lines + earlier
    done = checkpoint.finished_at
    return [f"{stage} is up to date ({checkpoint.status} {done}); it depends on:"] + _depends(
        checkpoint
    )


def _fate(step: Step, run: str) -> str:
    """Return what will be done with a stage that gets a new result."""
    return f"will be taken from the cache, {step.reason}" if step.action == "cached" else run


def _earlier_reasons(steps: list[Step]) -> list[str]:
    """Return the line that names the earlier stages whose new results would reach the last one."""
    last = steps[-1]
    if not last.is_to_do:
        return []
    return [f"{last.stage} {_fate(last, f'will run again {last.reason}')}:"] + [
        f"  {step.stage}: {step.reason}" for step in steps[:-1] if step.is_to_do
    ]


def _depends(checkpoint: Checkpoint) -> list[str]:
    lines = [f"  {key} = {_cut(str(value))}" for key, value in checkpoint.parameters.items()]
    for key, value in checkpoint.job_fields.items():
        lines.append(f"  {key.lower()} in job.json = {_cut(str(value))}")
    for name, digest in (*checkpoint.inputs.items(), *checkpoint.code.items()):
        lines.append(f"  {name} {short(digest)}")
    for name, program in checkpoint.programs.items():
        lines.append(f"  {name} {program.version}")
    for environment, packages in checkpoint.packages.items():
        told = ", ".join(f"{name} {version}" for name, version in packages.items())
        lines.append(f"  the environment {environment}: {told}")
    return lines


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
