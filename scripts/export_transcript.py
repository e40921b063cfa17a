#!/usr/bin/env python3
"""
Export transcript: write the transcript for people and programs

Purpose: the finished transcript, with the film's terms as the glossary writes them, as plain text,
    as JSON with every word's times, and as a table.
Input: lyrics_detection/segments_lyrics.json, or the nearest earlier transcript, or the subtitles
    that the job begins with,
    glossary_load/transcript_terms.json.
Output: transcript.txt, transcript.json, transcript.tsv, glossary_adherence.json.

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only export_transcript
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.film.text_there import text_transcript  # noqa: E402
from scripts.writing.opencc_integration import transcript_in_letters  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.errors import counted  # noqa: E402
from shared.core.files import write_text  # noqa: E402
from shared.core.languages import AUTO  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.glossary.adherence import measure_transcript  # noqa: E402
from shared.glossary.correction import Corrector  # noqa: E402
from shared.glossary.records import ADHERENCE, TRANSCRIPT_TERMS, Terms  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.export import to_text, to_tsv  # noqa: E402
from shared.transcript.records.inputs import TRANSCRIPT_FILES  # noqa: E402
from shared.transcript.records.schemas import Transcript  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("export_transcript")
    logger = get_stage_logger("export_transcript", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("EXPORT TRANSCRIPT: write the transcript for people and programs")
        logger.info("=" * 60)
        config = load_config()
        transcript = take_transcript(stage_io, config)
        logger.info(f"{counted(len(transcript.segments), 'segment')} of {transcript.model}")
        correct_terms(stage_io, config, transcript)
        stage_io.write_model("transcript.json", transcript)
        write_text(stage_io.get_output_path("transcript.txt"), to_text(transcript))
        write_text(stage_io.get_output_path("transcript.tsv"), to_tsv(transcript))
        if config.debug:
            logger.debug(f"Quarantined: {transcript.quarantined}")
        return stage_io.succeed(
            segments=len(transcript.segments),
            quarantined=len(transcript.quarantined),
            corrections=sum(len(segment.corrections) for segment in transcript.segments),
        )
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def take_transcript(stage_io: StageIO, config: PipelineConfig) -> Transcript:
    """Return what was heard, or what stands in the text that is there already.

    Args:
        stage_io: The stage's inputs and job.
        config: How long ffmpeg may take, and whether times are brought to the sound.
    """
    if (text := stage_io.job.text) is not None:
        return text_transcript(stage_io, text, config)
    heard = stage_io.read_model(stage_io.get_first_input(*TRANSCRIPT_FILES), Transcript)
    asked = stage_io.job.source_language
    return transcript_in_letters(heard, heard.language if asked == AUTO else asked)


def correct_terms(stage_io: StageIO, config: PipelineConfig, transcript: Transcript) -> None:
    """Write the film's terms in the transcript as the glossary does, and report how they stand.

    Args:
        stage_io: The stage's paths.
        config: How sure a correction must be.
        transcript: Gets the corrected segments.
    """
    path = stage_io.get_input_path(TRANSCRIPT_TERMS, from_stage="glossary_load")
    if not path.exists():
        return
    terms = stage_io.read_model(path, Terms)
    corrector = Corrector(terms, config.glossary_min_confidence)
    transcript.segments = [corrector.correct(segment) for segment in transcript.segments]
    stage_io.write_model(ADHERENCE, measure_transcript(terms, transcript))


if __name__ == "__main__":
    sys.exit(main())
