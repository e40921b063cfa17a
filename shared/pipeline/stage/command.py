#!/usr/bin/env python3
"""
Stage command: what the Python of a stage is told to run, where its log and its profile go.

Usage:
    from shared.pipeline.stage.command import script_arguments

    [str(python), *script_arguments("asr")]
"""

from __future__ import annotations

from pathlib import Path

from shared.pipeline.job.places import LOGS_DIR
from shared.stage_order import get_stage_dir, get_stage_script

PROFILED = Path(__file__).with_name("profiled.py")


def script_arguments(stage: str, profile: Path | None = None) -> list[str]:
    """Return the arguments of Python that run a stage.

    Args:
        stage: A name in STAGE_ORDER.
        profile: Where its profile goes; None for a run without one.
    """
    script = str(get_stage_script(stage))
    return [script] if profile is None else [str(PROFILED), script, str(profile)]


def stage_log(job_dir: Path, stage: str) -> Path:
    """Return the log file of a stage.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER.
    """
    return job_dir / LOGS_DIR / f"{get_stage_dir(stage)}.log"


def profile_file(job_dir: Path, stage: str) -> Path:
    """Return where the profile of a stage goes: into the job's logs, beside the stage's log.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER.
    """
    return stage_log(job_dir, stage).with_suffix(".prof")
