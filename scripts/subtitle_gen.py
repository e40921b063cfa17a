#!/usr/bin/env python3
"""
Subtitle generation: shape timed words into subtitle files

Purpose: one set of files for the spoken language and one for each translation, with cues that fit
    the screen, can be read and never overlap; what does not keep the rules is listed.
Input: export_transcript/transcript.json, translation/segments_translated_<lang>.json.
Output: <title>.<lang>.srt, .vtt, .ass, lint.json.

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
from shared.subtitles.cue import Cue, limits_for  # noqa: E402
from shared.subtitles.formats import FORMATS, write_subtitles  # noqa: E402
from shared.subtitles.lint import Finding, LintReport, lint_cues  # noqa: E402
from shared.subtitles.shaping import Phrase, phrase_from_segment, shape_cues  # noqa: E402
from shared.subtitles.translated import phrases_from_translation  # noqa: E402
from shared.transcript.inputs import FINISHED_TRANSCRIPT, translated_file  # noqa: E402
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
        transcript = stage_io.read_model(stage_io.get_first_input(*FINISHED_TRANSCRIPT), Transcript)
        tracks = {transcript.language: [phrase_from_segment(s) for s in transcript.segments]}
        for language in stage_io.job.target_languages:
            path = stage_io.get_input_path(translated_file(language), from_stage="translation")
            if path.exists():
                translation = stage_io.read_model(path, Translation)
                tracks[language] = phrases_from_translation(transcript, translation)
        report = LintReport(files={})
        for language, phrases in tracks.items():
            cues, findings = make_cues(stage_io, config, language, phrases)
            for suffix in FORMATS:
                name = f"{stage_io.job.file_stem}.{language}{suffix}"
                write_subtitles(cues, stage_io.get_output_path(name))
            report.files[f"{stage_io.job.file_stem}.{language}"] = findings
            logger.info(f"{language}: {len(cues)} cues, {len(findings)} findings")
        stage_io.write_model("lint.json", report)
        return stage_io.succeed(languages=list(tracks))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def make_cues(
    stage_io: StageIO, config: PipelineConfig, language: str, phrases: list[Phrase]
) -> tuple[list[Cue], list[Finding]]:
    """Return the cues of one language and what is wrong with them.

    Args:
        stage_io: The stage's job.
        config: Line length, durations.
        language: BCP-47.
        phrases: What is said, in order.
    """
    limits = limits_for(
        language,
        max_line_length=config.subtitle_line_length,
        max_lines=config.subtitle_max_lines,
        min_duration=config.subtitle_min_duration,
        max_duration=config.subtitle_max_duration,
        frame_rate=stage_io.job.media.frame_rate,
    )
    cues = shape_cues(phrases, limits)
    return cues, lint_cues(cues, limits)


if __name__ == "__main__":
    sys.exit(main())
