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
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.film.finished_film import make_film  # noqa: E402
from scripts.film.mux_tracks import plan_film  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.errors import counted  # noqa: E402
from shared.media.probe import MediaInfo  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402


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
        logger.info(f"Output: {made.duration:.1f} s, {counted(tracks, 'subtitle track')}")
        return stage_io.succeed(
            seconds=made.duration, tracks=tracks, burnt_in=plan.burnt_in is not None
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


if __name__ == "__main__":
    sys.exit(main())
