#!/usr/bin/env python3
"""
Subtitle generation: shape timed words into subtitle files

Purpose: one set of files for the spoken language and one for each translation, with cues that fit
    the screen, can be read and never overlap; what does not keep the rules is listed.
Input: lyrics_detection/segments_lyrics.json, translation/segments_translated_<lang>.json; for deaf
    viewers lyrics_detection/sounds.json, glossary_load/glossary.json.
Output: <title>.<lang>.srt, .vtt, .ass, lint.json; with SDH=on <title>.<lang>.sdh.srt.

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only subtitle_generation
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.glossary_manager import Glossary  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.subtitles import sdh  # noqa: E402
from shared.subtitles.cue import Cue, limits_for  # noqa: E402
from shared.subtitles.formats import FORMATS, write_subtitles  # noqa: E402
from shared.subtitles.lint import Finding, LintReport, lint_cues  # noqa: E402
from shared.subtitles.shaping import Phrase, phrase_from_segment, shape_cues  # noqa: E402
from shared.subtitles.translated import phrases_from_translation  # noqa: E402
from shared.transcript.inputs import TRANSCRIPT_FILES, translated_file  # noqa: E402
from shared.transcript.schemas import Transcript, Translation  # noqa: E402
from shared.transcript.sounds import SOUNDS_FILE, SoundEvents  # noqa: E402


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
        if config.lyrics == "drop":
            tracks = {key: [p for p in said if not p.is_lyrics] for key, said in tracks.items()}
        report = LintReport(files={})
        for language, phrases in tracks.items():
            cues, findings = make_cues(stage_io, config, language, phrases)
            for suffix in FORMATS:
                name = f"{stage_io.job.file_stem}.{language}{suffix}"
                write_subtitles(cues, stage_io.get_output_path(name))
            report.files[f"{stage_io.job.file_stem}.{language}"] = findings
            logger.info(f"{language}: {len(cues)} cues, {len(findings)} findings")
            if config.sdh == "on":
                names, sounds = read_sdh_inputs(stage_io)
                named = sdh.name_speakers(phrases, transcript.segments, names)
                name = f"{stage_io.job.file_stem}.{language}.{sdh.SDH}"
                cues, report.files[name] = make_cues(stage_io, config, language, named, sounds)
                write_subtitles(cues, stage_io.get_output_path(f"{name}.srt"))
        stage_io.write_model("lint.json", report)
        return stage_io.succeed(languages=list(tracks))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def make_cues(
    stage_io: StageIO,
    config: PipelineConfig,
    language: str,
    phrases: list[Phrase],
    sounds: SoundEvents | None = None,
) -> tuple[list[Cue], list[Finding]]:
    """Return the cues of one language and what is wrong with them.

    Args:
        stage_io: The stage's job.
        config: Line length, durations.
        language: BCP-47.
        phrases: What is said, in order.
        sounds: What else is heard, for deaf viewers.
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
    cues = sdh.add_sounds(cues, phrases, sounds, language, limits) if sounds else cues
    return cues, lint_cues(cues, limits)


def read_sdh_inputs(stage_io: StageIO) -> tuple[dict[str, str], SoundEvents | None]:
    """Return the names of the speakers and the sounds, as far as they are known.

    Args:
        stage_io: The stage's inputs.
    """
    glossary = stage_io.get_input_path("glossary.json", from_stage="glossary_load")
    sounds = stage_io.get_input_path(SOUNDS_FILE, from_stage="lyrics_detection")
    return (
        sdh.names_of_speakers(stage_io.read_model(glossary, Glossary)) if glossary.exists() else {},
        stage_io.read_model(sounds, SoundEvents) if sounds.exists() else None,
    )


if __name__ == "__main__":
    sys.exit(main())
