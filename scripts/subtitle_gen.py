#!/usr/bin/env python3
"""
Subtitle generation: shape timed words into subtitle files

Purpose: one set of files for the spoken language and one for each translation, with cues that fit
    the screen, can be read and never overlap; what does not keep the rules is listed.
Input: export_transcript/transcript.json, translation/segments_translated_<lang>.json, the film;
    for deaf viewers lyrics_detection/sounds.json, glossary_load/glossary.json.
Output: <title>.<lang>.srt and what SUBTITLE_FORMATS names, with SDH=on <title>.<lang>.sdh.srt too,
    lint.json, shot_changes.json (films with a picture).

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only subtitle_generation
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.film.bilingual import bilingual_track  # noqa: E402
from scripts.film.kept_cues import keep_cues  # noqa: E402
from scripts.film.subtitle_tracks import TrackMaker, read_tracks, shot_changes  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.errors import counted  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.subtitles.base.finding import Finding, LintReport  # noqa: E402
from shared.transcript.records.inputs import FINISHED_TRANSCRIPT  # noqa: E402
from shared.transcript.records.schemas import Transcript  # noqa: E402


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
        made = make_tracks(stage_io, config, transcript)
        text = stage_io.job.text
        made |= bilingual_track(stage_io, config, text.kind if text is not None else "full")
        for language, files in made.items():
            logger.info(f"{language}: {counted(sum(map(len, files.values())), 'finding')}")
        found = {name: one for files in made.values() for name, one in files.items()}
        stage_io.write_model("lint.json", LintReport(files=found))
        return stage_io.succeed(languages=list(made))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def make_tracks(
    stage_io: StageIO, config: PipelineConfig, transcript: Transcript
) -> dict[str, dict[str, list[Finding]]]:
    """Write the files of each language; return what is wrong by language and file.

    Args:
        stage_io: The stage's inputs, outputs and job.
        config: Profile, formats, look.
        transcript: The source.
    """
    if stage_io.job.text is not None:
        return keep_cues(stage_io, config, transcript, stage_io.job.text.kind)
    tracks = read_tracks(stage_io, config, transcript)
    maker = TrackMaker(stage_io, config, transcript, shot_changes(stage_io, config))
    return {language: maker.make(language, phrases) for language, phrases in tracks.items()}


if __name__ == "__main__":
    sys.exit(main())
