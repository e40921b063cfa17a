#!/usr/bin/env python3
"""
Finished film: writes the film of the mux stage, in another way where the first does not work.

Usage:
    made = make_film(stage_io, plan, timeout=600)
"""

from __future__ import annotations

import shutil
from dataclasses import replace

from shared.core.errors import DependencyError
from shared.media.ffmpeg import TooSlowError
from shared.media.mux.check import check_film, lost_rotation
from shared.media.mux.film import mux_film
from shared.media.mux.plan import MuxPlan, Repair
from shared.media.probe import MediaInfo
from shared.stage_utils import StageIO

# "Film.mkv" itself would be taken for the film that it was made of.
FILM_MARK = ".subtitled"
REPAIRS: list[tuple[Repair, str]] = [
    ("pass_over", "The film is damaged and is copied without what is"),
    ("encode", "The film cannot be copied and is encoded anew"),
]


def make_film(stage_io: StageIO, plan: MuxPlan, timeout: float) -> MediaInfo:
    """Write the film and return what it holds, probed.

    Args:
        stage_io: The stage's paths and job.
        plan: What goes in.
        timeout: Longest run in seconds.

    Raises:
        DependencyError: When ffmpeg fails, or what it made is not whole.
    """
    plan, made = _write_with_repairs(stage_io, plan, timeout)
    if lost_rotation(made, plan):
        stage_io.warn(
            "The picture is turned upright and so encoded anew: this ffmpeg writes no rotation "
            f"into {plan.container.suffix[1:]}"
        )
        made = _write_film(stage_io, replace(plan, turns_picture=True), timeout)
    size, now = plan.media.size, stage_io.get_media_path().stat().st_size
    if now != size:
        stage_io.warn(f"The film is another than was heard: {size} bytes then, {now} now")
    used = [*(one.path for one in plan.attached), *(track.path for track in plan.tracks)]
    used += [plan.burnt_in.path] if plan.burnt_in else []
    for path in dict.fromkeys(used):
        if path.is_relative_to(stage_io.stage_dir):
            path.unlink()
    if plan.burnt_in and plan.burnt_in.fonts:
        shutil.rmtree(plan.burnt_in.fonts)
    return made


def _write_with_repairs(
    stage_io: StageIO, plan: MuxPlan, timeout: float
) -> tuple[MuxPlan, MediaInfo]:
    """Write the film; where its streams are too damaged to be copied, without what is damaged.

    Args:
        stage_io: The stage's paths and job.
        plan: What goes in.
        timeout: Longest run in seconds.

    Returns:
        The plan that worked, and what the film holds.

    Raises:
        DependencyError: No way makes a whole film.
    """
    for repair, told in REPAIRS:
        try:
            return plan, _write_film(stage_io, plan, timeout)
        except TooSlowError:  # another way would take longer
            raise
        except DependencyError as error:
            stage_io.warn(f"{told}: {error.cause}")
            plan = replace(plan, repair=repair)
    return plan, _write_film(stage_io, plan, timeout)


def _write_film(stage_io: StageIO, plan: MuxPlan, timeout: float) -> MediaInfo:
    """Write the film once and return what it holds, probed.

    Args:
        stage_io: The stage's paths and job.
        plan: What goes in.
        timeout: Longest run in seconds.
    """
    job = stage_io.job
    target = stage_io.get_output_path(f"{job.file_stem}{FILM_MARK}{plan.container.suffix}")
    mux_film(
        stage_io.get_media_path(),
        plan,
        target,
        timeout=timeout,
        progress=lambda seconds: stage_io.progress(seconds, job.duration),
    )
    return check_film(target, plan, job.duration)
