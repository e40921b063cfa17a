#!/usr/bin/env python3
"""
Translation: translate the transcript, one line a segment

Purpose: every segment gets its translation under its own id, so that no line can shift; what could
    not be translated is marked as such.
Input: lyrics_detection/segments_lyrics.json, source_separation/vocals.wav or demux/audio.wav.
Output: segments_translated_<lang>.json for each target language.

Example:
    ./run-pipeline.sh translate JOB_DIR --only translation
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.media.audio import read_speech_audio  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.inputs import (  # noqa: E402
    SPEECH_AUDIO,
    TRANSCRIPT_FILES,
    translated_file,
)
from shared.transcript.schemas import Segment, Transcript  # noqa: E402
from shared.translation.lines import build_translation, segments_to_translate  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("translation", warm=("numpy",))
    logger = get_stage_logger("translation", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("TRANSLATION: translate the transcript, one line a segment")
        logger.info("=" * 60)
        config = load_config()
        targets = stage_io.job.target_languages
        if not targets:
            return stage_io.skip("no target language was asked for (-t)")
        transcript = stage_io.read_model(stage_io.get_first_input(*TRANSCRIPT_FILES), Transcript)
        untranslated = sum(translate_into(stage_io, config, transcript, lang) for lang in targets)
        if untranslated:
            stage_io.warn(f"{untranslated} lines could not be translated and are marked so")
        return stage_io.succeed(languages=targets, untranslated=untranslated)
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def translate_into(
    stage_io: StageIO, config: PipelineConfig, transcript: Transcript, target: str
) -> int:
    """Write the translation into one language; return how many lines stay untranslated.

    Args:
        stage_io: The stage's paths.
        config: The engine.
        transcript: The source.
        target: BCP-47.
    """
    todo = segments_to_translate(transcript, target)
    texts, model = whisper_lines(stage_io, config, todo) if todo else ([], "")
    translation = build_translation(
        transcript,
        target,
        dict(zip((segment.id for segment in todo), texts, strict=True)),
        engine="whisper",
        model=model,
    )
    stage_io.write_model(translated_file(target), translation)
    return sum(line.status == "untranslated" for line in translation.lines)


def whisper_lines(
    stage_io: StageIO, config: PipelineConfig, segments: list[Segment]
) -> tuple[list[str], str]:
    """Return English for each segment, from its own sound, and the model that wrote it.

    Args:
        stage_io: The stage's paths.
        config: Model and search.
        segments: What to translate, in order.
    """
    from scripts.whisperx_setup import choose_rung, decoding_limits, load_recogniser

    audio = read_speech_audio(stage_io.get_first_input(*SPEECH_AUDIO))
    recogniser = load_recogniser(stage_io, config, choose_rung(stage_io, config))
    lines = recogniser.translate(
        audio,
        segments,
        beam_size=config.asr_beam_size,
        temperatures=tuple(config.whisper_temperature),
        context=config.asr_context,
        limits=decoding_limits(config),
        progress=lambda share: stage_io.progress(
            share * stage_io.job.duration, stage_io.job.duration
        ),
    )
    return lines, recogniser.name


if __name__ == "__main__":
    sys.exit(main())
