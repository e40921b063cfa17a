#!/usr/bin/env python3
"""
Speech recognition: turn speech into text (with any engine: the name of the file is given)

Purpose: every speech region is recognised, with words and their times; text that nobody spoke is
    kept apart with its evidence, and speech that stays without text is listed.
Input: pyannote_vad/speech_segments.json, source_separation/vocals.wav or demux/audio.wav,
    glossary_load/recognition_terms.json (with ASR_HOTWORDS_LENGTH).
Output: segments.json.

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only asr
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.languages import AUTO  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.glossary.records import RECOGNITION_TERMS, RecognitionTerms  # noqa: E402
from shared.media.speech_audio import SpeechAudio  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.inputs import SPEECH_AUDIO  # noqa: E402
from shared.transcript.records.schemas import SpeechSegments, Transcript  # noqa: E402
from shared.transcript.sound.coverage import coverage_figures  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    warm = ("scripts.runtime.ctranslate2_runtime", "faster_whisper", "scripts.runtime.mlx_runtime")
    stage_io = StageIO("asr", warm=warm)
    logger = get_stage_logger("asr", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("ASR: turn speech into text")
        logger.info("=" * 60)
        config = load_config()
        transcript = recognise(stage_io, config)
        stage_io.write_model("segments.json", transcript)
        if not transcript.segments:
            stage_io.warn("No speech was recognised")
        return stage_io.succeed(
            language=transcript.language,
            segments=len(transcript.segments),
            quarantined=len(transcript.quarantined),
            second_hearings=transcript.second_hearings,
            **coverage_figures(transcript),
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def recognise(stage_io: StageIO, config: PipelineConfig) -> Transcript:
    """Return what is said in the film.

    Args:
        stage_io: The stage's inputs and job.
        config: Model and search.
    """
    from scripts.whisper.recognition import decode_options, engine_setup

    speech = stage_io.read_model(
        stage_io.get_input_path("speech_segments.json", from_stage="pyannote_vad"), SpeechSegments
    )
    audio = SpeechAudio(stage_io.get_first_input(*SPEECH_AUDIO))
    source = stage_io.job.source_language
    language = None if source == AUTO else source
    setup = engine_setup(config.asr_engine)
    rung = setup.choose_rung(stage_io, config)
    options = decode_options(config, rung, language, hotwords(stage_io, config))
    total = stage_io.job.duration
    return setup.load_recogniser(stage_io, config, rung).transcribe(
        audio,
        speech.regions,
        options,
        progress=lambda share: stage_io.progress(share * total, total),
        warn=stage_io.warn,
    )


def hotwords(stage_io: StageIO, config: PipelineConfig) -> str:
    """Return the glossary's words that recognition should expect, '' without a glossary.

    Args:
        stage_io: The stage's inputs.
        config: How many characters of them.
    """
    if not config.asr_hotwords_length:
        return ""
    path = stage_io.get_input_path(RECOGNITION_TERMS, from_stage="glossary_load")
    if not path.exists():
        return ""
    return stage_io.read_model(path, RecognitionTerms).hotwords(config.asr_hotwords_length)


if __name__ == "__main__":
    sys.exit(main())
