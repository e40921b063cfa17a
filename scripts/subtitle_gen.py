#!/usr/bin/env python3
"""
Subtitle generation: shape timed words into subtitle files

Purpose: one set of files for the spoken language and one for each translation, with cues that fit
    the screen, can be read and never overlap; what does not keep the rules is listed.
Input: lyrics_detection/segments_lyrics.json, translation/segments_translated_<lang>.json.
Output: <title>.<lang>.srt, .vtt, .ass, .ttml (SUBTITLE_FORMATS), lint.json.

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only subtitle_generation
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.subtitles.formats import look_from_config, write_track  # noqa: E402
from shared.subtitles.lint import Finding, LintReport, lint_cues  # noqa: E402
from shared.subtitles.names import subtitle_name  # noqa: E402
from shared.subtitles.phrase import Phrase, phrase_from_segment  # noqa: E402
from shared.subtitles.profiles import limits_from_config  # noqa: E402
from shared.subtitles.shaping import shape_cues  # noqa: E402
from shared.subtitles.tidy import tidy_cues  # noqa: E402
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
        report = LintReport(files={})
        for language, phrases in tracks.items():
            end = transcript.audio_duration
            cues, findings = make_files(stage_io, config, language, phrases, end)
            report.files[subtitle_name(stage_io.job.file_stem, language)] = findings
            logger.info(f"{language}: {cues} cues, {len(findings)} findings")
        stage_io.write_model("lint.json", report)
        return stage_io.succeed(languages=list(tracks))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def make_files(
    stage_io: StageIO,
    config: PipelineConfig,
    language: str,
    phrases: list[Phrase],
    film_end: float,
) -> tuple[int, list[Finding]]:
    """Write the files of one language; returns how many cues and what is wrong with them.

    Args:
        stage_io: The stage's job.
        config: Profile, line length, durations, formats.
        language: BCP-47.
        phrases: What is said, in order.
        film_end: Nothing is shown after it, seconds.
    """
    job = stage_io.job
    limits = limits_from_config(config, language, job.media.frame_rate)
    cues = tidy_cues(shape_cues(phrases, limits, film_end=film_end), limits)
    write_track(
        cues,
        lambda suffix: stage_io.get_output_path(subtitle_name(job.file_stem, language, suffix)),
        config.subtitle_formats,
        look_from_config(config, limits, job.title),
    )
    return len(cues), lint_cues(cues, limits, film_end=film_end)


if __name__ == "__main__":
    sys.exit(main())
