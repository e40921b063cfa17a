#!/usr/bin/env python3
"""
Unneeded: the stages that a job passes over because its text is there already, and why.

No process is started for them and no environment is asked for; their records say 'skipped'.

Usage:
    from shared.pipeline.plan.unneeded import needed_stages, unneeded

    unneeded(job)["asr"]      # 'the text is there: Film.fr.srt'
"""

from __future__ import annotations

from shared.pipeline.job.job import Job
from shared.stage_order import get_workflow_stages

RECOGNITION = ("source_separation", "pyannote_vad", "asr", "alignment", "lyrics_detection")
OF_A_FILM = ("demux", "mux")


def unneeded(job: Job) -> dict[str, str]:
    """Return the stages that a job passes over, each with the reason.

    Args:
        job: What was prepared.
    """
    if job.text is None:
        return {}
    found = dict.fromkeys(RECOGNITION, f"the text is there: {job.text.told}")
    if not job.has_film:
        found |= dict.fromkeys(OF_A_FILM, f"there is no film, only {job.text.told}")
    return found


def needed_stages(job: Job) -> list[str]:
    """Return the stages of a job's workflow that do something.

    Args:
        job: What was prepared.
    """
    without = unneeded(job)
    return [stage for stage in get_workflow_stages(job.workflow) if stage not in without]
