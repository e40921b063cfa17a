#!/usr/bin/env python3
"""
Edited subtitles: whether the film can show what a person wrote, asked before the first stage.

Usage:
    from shared.pipeline.plan.edited_subtitles import check_edited_subtitles

    check_edited_subtitles(job_dir, job, ["mux"])
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.pipeline.job.job import Job
from shared.pipeline.jobs.results import results

MADE_BY, READ_BY = "subtitle_generation", "mux"


def check_edited_subtitles(job_dir: Path, job: Job, stages: Sequence[str]) -> None:
    """Refuse edited subtitle files of which something would not be shown.

    Args:
        job_dir: The job directory.
        job: Its length.
        stages: Those that will run.

    Raises:
        InputError: With the file and the line.
    """
    if READ_BY not in stages or MADE_BY in stages:
        return
    edited = [one.path for one in results(job_dir, MADE_BY) if one.state == "edited"]
    if not edited:
        return
    # Few runs have any, and it brings the reading of four formats along.
    from shared.subtitles.checking.playable import read_playable
    from shared.subtitles.files.source import SUFFIXES

    for path in edited:
        if path.suffix.lower() in SUFFIXES:
            read_playable(path, job.duration)
