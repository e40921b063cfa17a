#!/usr/bin/env python3
"""
Export transcript: write the transcript for people and programs

Purpose: the finished transcript as plain text, as JSON with every word's times, and as a table.
Input: lyrics_detection/segments_lyrics.json, or the nearest earlier transcript.
Output: transcript.txt, transcript.json, transcript.tsv.

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only export_transcript
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.files import write_text  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.export import to_text, to_tsv  # noqa: E402
from shared.transcript.inputs import TRANSCRIPT_FILES  # noqa: E402
from shared.transcript.schemas import Transcript  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("export_transcript")
    logger = get_stage_logger("export_transcript", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("EXPORT TRANSCRIPT: write the transcript for people and programs")
        logger.info("=" * 60)
        config = load_config()
        source = stage_io.get_first_input(*TRANSCRIPT_FILES)
        transcript = stage_io.read_model(source, Transcript)
        logger.info(f"Input: {source}, {len(transcript.segments)} segments")
        stage_io.write_model("transcript.json", transcript)
        write_text(stage_io.get_output_path("transcript.txt"), to_text(transcript))
        write_text(stage_io.get_output_path("transcript.tsv"), to_tsv(transcript))
        if config.debug:
            logger.debug(f"Quarantined: {transcript.quarantined}")
        return stage_io.succeed(
            segments=len(transcript.segments), quarantined=len(transcript.quarantined)
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


if __name__ == "__main__":
    sys.exit(main())
