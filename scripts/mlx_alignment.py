#!/usr/bin/env python3
"""
Alignment: time every word (with any engine: the name of the file is given)

Purpose: text in the wrong script is repaired; then every token gets a start and an end inside its
    segment, by a wav2vec2 model of its language, else by the multilingual MMS model, else by
    Whisper's own attention on the text.
Input: asr/segments.json, pyannote_vad/speech_segments.json, the sound asr heard.
Output: segments_aligned.json.

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only alignment
"""

import sys
from collections import Counter
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.alignment.methods import align_segments  # noqa: E402
from scripts.writing.script_repair import repair_script, romanise, script_summary  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.models.alignment import AlignmentModels  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.schemas import Transcript  # noqa: E402


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
        models = AlignmentModels(
            config.alignment_engine, config.alignment_model, transcript.language
        )
        transcript = repair_script(stage_io, config, transcript)
        transcript.segments, used = align_segments(stage_io, config, transcript, models)
        transcript = romanise(stage_io, config, transcript)
        for name, model in used.items():
            logger.info(f"Timed by {name}: {model}")
        stage_io.write_model("segments_aligned.json", transcript)
        sources = Counter(word.source for one in transcript.segments for word in one.words)
        return stage_io.succeed(
            words=sources.total(),
            method=", ".join(used),
            sources=dict(sources),
            **script_summary(transcript),
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


if __name__ == "__main__":
    sys.exit(main())
