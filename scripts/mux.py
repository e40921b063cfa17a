#!/usr/bin/env python3
"""
Mux: put film and subtitles into one Matroska file

Purpose: the film as it was, with a subtitle track for each language, named and tagged.
Input: the media, demux/media_info.json, subtitle_generation/<title>.<lang>.srt.
Output: <title>.mkv.

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only mux
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.media.ffmpeg import run_ffmpeg  # noqa: E402
from shared.media.mux import (  # noqa: E402
    Cover,
    SubtitleTrack,
    check_film,
    cover_streams,
    kept_streams,
    mux_arguments,
    take_cover,
)
from shared.media.probe import MediaInfo  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.subtitles.lint import LintReport  # noqa: E402
from shared.subtitles.sdh import SDH  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("mux")
    logger = get_stage_logger("mux", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("MUX: put film and subtitles into one Matroska file")
        logger.info("=" * 60)
        config = load_config()
        job = stage_io.job
        media = stage_io.read_model(
            stage_io.get_input_path("media_info.json", from_stage="demux"), MediaInfo
        )
        tracks = subtitle_tracks(stage_io)
        for stream in kept_streams(media, job.clip is not None)[-1]:
            stage_io.warn(f"Left out: {stream.kind} stream {stream.index} ({stream.codec})")
        target = stage_io.get_output_path(f"{job.file_stem}.mkv")
        covers = take_covers(stage_io, media, config.ffmpeg_timeout_seconds)
        run_ffmpeg(
            mux_arguments(stage_io.get_media_path(), media, tracks, job.clip, target, covers),
            timeout=config.ffmpeg_timeout_seconds,
            progress=lambda seconds: stage_io.progress(seconds, job.duration),
        )
        for cover in covers:
            cover.path.unlink()
        made = check_film(target, media, len(tracks), job.duration)
        logger.info(f"Output: {target.name}, {made.duration:.1f} s, {len(tracks)} subtitle tracks")
        return stage_io.succeed(seconds=made.duration, tracks=len(tracks))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def subtitle_tracks(stage_io: StageIO) -> list[SubtitleTrack]:
    """Return the tracks to add: translations first, the first of them switched on.

    Args:
        stage_io: The stage's inputs and job.
    """
    stem = stage_io.job.file_stem
    lint = stage_io.get_input_path("lint.json", from_stage="subtitle_generation")
    made = [name[len(stem) :].lstrip(".") for name in stage_io.read_model(lint, LintReport).files]
    targets = [language for language in stage_io.job.target_languages if language in made]
    ordered = targets + [name for name in made if name not in targets]
    tracks: list[SubtitleTrack] = []
    for name in ordered:
        language, _, kind = name.partition(".")
        path = stage_io.get_input_path(f"{stem}.{name}.srt", from_stage="subtitle_generation")
        if path.stat().st_size:
            is_default = not tracks and not kind
            tracks.append(SubtitleTrack(path, language, is_default, is_sdh=kind == SDH))
        else:
            stage_io.warn(f"No {name} subtitle track: there is nothing to show")
    return tracks


def take_covers(stage_io: StageIO, media: MediaInfo, timeout: float) -> list[Cover]:
    """Write the film's covers beside the film to be made; they are attached and then removed.

    Args:
        stage_io: The stage's paths.
        media: What the film holds.
        timeout: Longest run in seconds.
    """
    film = stage_io.get_media_path()
    covers: list[Cover] = []
    for number, stream in enumerate(cover_streams(media)):
        name = f"cover{number or ''}.{'jpg' if stream.codec == 'mjpeg' else 'png'}"
        covers.append(take_cover(film, stream, stage_io.get_output_path(name), timeout))
    return covers


if __name__ == "__main__":
    sys.exit(main())
