#!/usr/bin/env python3
"""
Voice activity detection: where somebody speaks, and who (with any engine: the name is given)

Purpose: the recogniser hears only speech, so that silence and music cannot become text; what is
    found here and stays without text is reported later.
Input: source_separation/vocals.wav, or demux/audio.wav.
Output: speech_segments.json.

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only pyannote_vad
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.media.speech_audio import SpeechAudio  # noqa: E402
from shared.models.store import find_model  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.inputs import SPEECH_AUDIO  # noqa: E402
from shared.transcript.records.schemas import SpeechSegments  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("pyannote_vad", warm=("onnxruntime",))
    logger = get_stage_logger("pyannote_vad", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("PYANNOTE VAD: find where somebody speaks")
        logger.info("=" * 60)
        config = load_config()
        source = stage_io.get_first_input(*SPEECH_AUDIO)
        logger.info(f"Input: {source}")
        segments = detect(stage_io, config, source)
        stage_io.write_model("speech_segments.json", segments)
        seconds = sum(region.duration for region in segments.regions)
        return stage_io.succeed(
            engine=segments.engine,
            regions=len(segments.regions),
            speech_seconds=seconds,
            speakers=len({region.speaker for region in segments.regions if region.speaker}),
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def detect(stage_io: StageIO, config: PipelineConfig, source: Path) -> SpeechSegments:
    """Return the speech regions.

    Args:
        stage_io: Rung, progress and warnings.
        config: The detector and its thresholds.
        source: 16 kHz mono WAV.

    Raises:
        UnavailableError: When the detector or the model that was asked for is not there.
    """
    from scripts.speech.methods import LADDER, detect_and_tell, segmentation_weights

    weights = segmentation_weights(config.vad_weights)
    if weights is not None:
        stage_io.get_project_file(weights)
    if config.diarization in ("auto", "pyannote"):  # so that it is noticed when it comes
        model = config.diarization_model
        stage_io.use_model("pyannote", model, find_model("pyannote", model))
    batch_size = stage_io.use_rung(LADDER).batch_size
    audio = SpeechAudio(source)
    total = stage_io.job.duration
    return detect_and_tell(
        audio,
        config,
        weights=weights,
        batch_size=batch_size,
        warn=lambda told: stage_io.lack(told, "whisperx", "pyannote-audio"),
        progress=lambda share: stage_io.progress(share * total, total),
    )


if __name__ == "__main__":
    sys.exit(main())
