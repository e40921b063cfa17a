#!/usr/bin/env python3
"""
Mux: put film and subtitles into one Matroska or MP4 file

Purpose: the film as it was, with a subtitle track for each language, named and tagged; on request
    one of them drawn into the picture.
Input: the media, demux/media_info.json, subtitle_generation/<title>.<lang>.srt and .ass.
Output: <title>.mkv or <title>.mp4.

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only mux
"""

import sys
from dataclasses import replace
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.film.mux_tracks import plan_film  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.media.mux.check import check_film, lost_rotation  # noqa: E402
from shared.media.mux.film import mux_film  # noqa: E402
from shared.media.mux.plan import MuxPlan  # noqa: E402
from shared.media.probe import MediaInfo  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402

# "Film.mkv" itself would be taken for the film that it was made of.
FILM_MARK = ".subtitled"


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("mux")
    logger = get_stage_logger("mux", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("MUX: put film and subtitles into one file")
        logger.info("=" * 60)
        config = load_config()
        media = stage_io.read_model(
            stage_io.get_input_path("media_info.json", from_stage="demux"), MediaInfo
        )
        plan = plan_film(stage_io, config, media)
        made = make_film(stage_io, plan, config.ffmpeg_timeout_seconds)
        tracks = len(plan.tracks)
        logger.info(f"Output: {made.duration:.1f} s, {tracks} subtitle tracks")
        return stage_io.succeed(
            seconds=made.duration, tracks=tracks, burnt_in=plan.burnt_in is not None
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def make_film(stage_io: StageIO, plan: MuxPlan, timeout: float) -> MediaInfo:
    """Write the film and return what it holds, probed.

    Args:
        stage_io: The stage's paths and job.
        plan: What goes in.
        timeout: Longest run in seconds.

    Raises:
        DependencyError: When ffmpeg fails, or what it made is not whole.
    """
    made = write_film(stage_io, plan, timeout)
    if lost_rotation(made, plan):
        stage_io.warn(
            "The picture is turned upright and so encoded anew: this ffmpeg writes no rotation "
            f"into {plan.container.suffix[1:]}"
        )
        made = write_film(stage_io, replace(plan, turns_picture=True), timeout)
    for one in plan.attached:
        if one.path.is_relative_to(stage_io.stage_dir):
            one.path.unlink()
    return made


def write_film(stage_io: StageIO, plan: MuxPlan, timeout: float) -> MediaInfo:
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


if __name__ == "__main__":
    sys.exit(main())
