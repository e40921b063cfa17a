#!/usr/bin/env python3
"""
Subtitle generation: shape timed words into subtitle files

Purpose: one set of files for the spoken language and one for each translation, with cues that fit
    the screen, can be read and never overlap; what does not keep the rules is listed.
Input: lyrics_detection/segments_lyrics.json, translation/segments_translated_<lang>.json, the film.
Output: <title>.<lang>.srt and what SUBTITLE_FORMATS names, lint.json, shot_changes.json (films with
    a picture).

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only subtitle_generation
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.errors import DependencyError  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.media.shots import (  # noqa: E402
    SHOTS_FILE,
    find_shot_changes,
    read_shot_changes,
)
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.subtitles.finding import LintReport  # noqa: E402
from shared.subtitles.formats import look_from_config, write_track  # noqa: E402
from shared.subtitles.lint import lint_cues  # noqa: E402
from shared.subtitles.names import subtitle_name  # noqa: E402
from shared.subtitles.phrase import phrase_from_segment  # noqa: E402
from shared.subtitles.profiles import limits_from_config  # noqa: E402
from shared.subtitles.shaping import shape_cues  # noqa: E402
from shared.subtitles.tidy import tidy_cues, tidy_words  # noqa: E402
from shared.subtitles.translated import phrases_from_translation  # noqa: E402
from shared.transcript.inputs import TRANSCRIPT_FILES, translated_file  # noqa: E402
from shared.transcript.schemas import Transcript, Translation  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("subtitle_generation")
    logger = get_stage_logger("subtitle_generation", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("SUBTITLE GENERATION: shape timed words into subtitle files")
        logger.info("=" * 60)
        config = load_config()
        transcript = stage_io.read_model(stage_io.get_first_input(*TRANSCRIPT_FILES), Transcript)
        tracks = {transcript.language: [phrase_from_segment(s) for s in transcript.segments]}
        for language in stage_io.job.target_languages:
            path = stage_io.get_input_path(translated_file(language), from_stage="translation")
            if path.exists():
                translation = stage_io.read_model(path, Translation)
                tracks[language] = phrases_from_translation(transcript, translation)
        cuts = shot_changes(stage_io, config)
        job, film_end = stage_io.job, transcript.audio_duration
        report = LintReport(files={})
        for language, phrases in tracks.items():
            limits = limits_from_config(config, language, job.media.frame_rate)
            shaped = shape_cues(tidy_words(phrases, limits), limits, cuts, film_end)
            cues = tidy_cues(shaped, limits)
            name = subtitle_name(job.file_stem, language)
            look = look_from_config(config, limits, job.title)
            write_track(cues, name, config.subtitle_formats, look, stage_io.get_output_path)
            report.files[name] = lint_cues(cues, limits, cuts or [], film_end)
            logger.info(f"{language}: {len(cues)} cues, {len(report.files[name])} findings")
        stage_io.write_model("lint.json", report)
        return stage_io.succeed(languages=list(tracks))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def shot_changes(stage_io: StageIO, config: PipelineConfig) -> list[float] | None:
    """Return the times of shot changes in seconds, found once a film; None without a picture.

    Args:
        stage_io: The stage's job and directory.
        config: Whether they are wanted.
    """
    job = stage_io.job
    if job.media.frame_rate is None:
        return None
    if not config.subtitle_shot_changes:
        return []
    film = stage_io.get_media_path()
    shots = read_shot_changes(stage_io.get_earlier_output(SHOTS_FILE), film, job.clip)
    try:
        shots = shots or find_shot_changes(
            film,
            job.clip,
            stage_io.stage_dir,
            config.ffmpeg_timeout_seconds,
            progress=lambda seconds: stage_io.progress(seconds, job.duration),
        )
    except DependencyError as error:
        stage_io.warn(f"Shot changes are not known: {error.cause}")
        return []
    stage_io.write_model(SHOTS_FILE, shots)
    return shots.times


if __name__ == "__main__":
    sys.exit(main())
