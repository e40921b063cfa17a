#!/usr/bin/env python3
"""
Alignment: time every word

Purpose: every token gets a start and an end inside its segment, by a wav2vec2 model of the
    language where there is one, otherwise by Whisper's own attention on the text.
Input: asr/segments.json, pyannote_vad/speech_segments.json, the sound asr heard.
Output: segments_aligned.json.

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only alignment
"""

import sys
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.errors import InputError, UnavailableError  # noqa: E402
from shared.core.languages import primary  # noqa: E402
from shared.core.paths import MODELS_DIR  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.media.audio import read_speech_audio  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.inputs import SPEECH_AUDIO  # noqa: E402
from shared.transcript.schemas import Segment, SpeechSegments, Transcript  # noqa: E402
from shared.transcript.spacing import clamp_segment, is_fully_timed  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("alignment", warm=("numpy",))
    logger = get_stage_logger("alignment", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("ALIGNMENT: time every word")
        logger.info("=" * 60)
        config = load_config()
        transcript = stage_io.read_model(
            stage_io.get_input_path("segments.json", from_stage="asr"), Transcript
        )
        model = alignment_model(config, transcript.language)
        logger.info(f"Method: {f'wav2vec2 from {model}' if model else 'attention of Whisper'}")
        if transcript.segments:
            transcript.segments = align(stage_io, config, transcript, model)
        stage_io.write_model("segments_aligned.json", transcript)
        words = sum(len(segment.words) for segment in transcript.segments)
        return stage_io.succeed(words=words, method="wav2vec2" if model else "attention")
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def alignment_model(config: PipelineConfig, language: str) -> Path | None:
    """Return the folder of the wav2vec2 model to use, None for Whisper's attention.

    Args:
        config: ALIGNMENT_ENGINE and ALIGNMENT_MODEL.
        language: Main language of the film.

    Raises:
        InputError: A named model is not there.
        UnavailableError: wav2vec2 was asked for and there is no model for the language.
    """
    if config.alignment_engine == "attention":
        return None
    if config.alignment_model:
        folder = Path(config.alignment_model).expanduser()
        if not folder.is_dir():
            raise InputError(f"No such folder: {folder}", hint="Check ALIGNMENT_MODEL")
        return folder
    folder = MODELS_DIR / f"wav2vec2-{primary(language)}"
    if folder.is_dir():
        return folder
    if config.alignment_engine == "wav2vec2":
        raise UnavailableError(
            f"No wav2vec2 model for {language} in {folder}",
            hint="Put one there, name one in ALIGNMENT_MODEL, or set ALIGNMENT_ENGINE=auto",
        )
    return None


def align(
    stage_io: StageIO, config: PipelineConfig, transcript: Transcript, model: Path | None
) -> list[Segment]:
    """Return the segments with every token timed.

    Args:
        stage_io: The stage's inputs.
        config: Model, context, pauses.
        transcript: What asr wrote (or a person corrected).
        model: A wav2vec2 model, or None.
    """
    speech = stage_io.read_model(
        stage_io.get_input_path("speech_segments.json", from_stage="pyannote_vad"), SpeechSegments
    )
    segments = transcript.segments
    untimed = [segment for segment in segments if not is_fully_timed(segment)]
    if model is None and not untimed:
        return segments  # asr timed them by the same attention while it listened
    audio = read_speech_audio(stage_io.get_first_input(*SPEECH_AUDIO))
    total = stage_io.job.duration
    common: dict[str, Any] = {
        "regions": speech.regions,
        "context": config.asr_context,
        "max_pause": config.asr_word_pause,
        "progress": lambda share: stage_io.progress(share * total, total),
    }
    if untimed:
        from scripts.whisperx_setup import choose_rung, load_recogniser

        own_time_only = common | {"context": 0.0}
        recogniser = load_recogniser(stage_io, config, choose_rung(stage_io, config))
        aligned = recogniser.align(audio, untimed, **own_time_only)
        old = {segment.id: segment for segment in untimed}
        new = {s.id: clamp_segment(s, old[s.id].start, old[s.id].end) for s in aligned}
        segments = [new.get(segment.id, segment) for segment in segments]
    if model is not None:
        from scripts.wav2vec2_integration import align_wav2vec2

        segments = align_wav2vec2(
            audio, segments, model, language=transcript.language, device=config.device, **common
        )
    return segments


if __name__ == "__main__":
    sys.exit(main())
