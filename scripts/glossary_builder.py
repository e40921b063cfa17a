#!/usr/bin/env python3
"""
Glossary builder: collect the film's terms

Purpose: one glossary for recognition, translation and names, from the film's own file, the user's
    files, TMDB and what was learned from earlier films, in that order of trust. What each later
    stage needs of it goes into a file of its own, so that a change reaches only whom it concerns.
Input: glossary/*.tsv and .csv (or GLOSSARY_FILES), tmdb/enrichment.json when there is one.
Output: glossary.json, recognition_terms.json, transcript_terms.json,
    translation_terms_<lang>.json for each target language.

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only glossary_load
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.writing.wordfreq_integration import common_words, is_installed  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.errors import InputError, counted  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.glossary.faults import left_out  # noqa: E402
from shared.glossary.files import glossary_files, usual_files  # noqa: E402
from shared.glossary.records import (  # noqa: E402
    RECOGNITION_TERMS,
    TRANSCRIPT_TERMS,
    Glossary,
    translation_terms,
)
from shared.glossary.wordings import ALWAYS_GUARDED, Wordings  # noqa: E402
from shared.glossary_manager import GlossaryManager  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.enrichment import Enrichment  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("glossary_load")
    logger = get_stage_logger("glossary_load", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("GLOSSARY LOAD: collect the film's terms")
        logger.info("=" * 60)
        config = load_config()
        if not config.glossary_enabled:
            return stage_io.skip("switched off (GLOSSARY_ENABLED=false)")
        glossary = collect(stage_io, config)
        stage_io.write_model("glossary.json", glossary)
        for conflict in glossary.conflicts:
            logger.warning(f"Conflict: {conflict}")
        if not is_installed():
            stage_io.lack(
                "Names may take the place of common words: wordfreq is not installed", "wordfreq"
            )
        write_wordings(stage_io, glossary)
        return stage_io.succeed(terms=len(glossary.terms), conflicts=len(glossary.conflicts))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def collect(stage_io: StageIO, config: PipelineConfig) -> Glossary:
    """Return the terms from every source.

    Args:
        stage_io: The stage's inputs.
        config: GLOSSARY_FILES, GLOSSARY_STRICT.
    """
    manager = GlossaryManager()
    film = stage_io.job.titled
    for path in usual_files(film) if not config.glossary_files else ():
        stage_io.get_project_file(path)  # so that a new one there is noticed
    for path, origin in glossary_files(config, film):
        stage_io.get_project_file(path)
        faults: list[InputError] = []
        count = manager.add_file(path, origin, None if config.glossary_strict else faults)
        for line in left_out(faults):
            stage_io.warn(line)
        if stage_io.logger is not None:
            stage_io.logger.info(f"{counted(count, 'term')} from {path} ({origin})")
    enrichment_path = stage_io.get_input_path("enrichment.json", from_stage="tmdb")
    if enrichment_path.exists():
        enrichment = stage_io.read_model(enrichment_path, Enrichment)
        everyday = common_words(ALWAYS_GUARDED)
        manager.add_enrichment(enrichment, everyday.__contains__)
    return manager.glossary()


def write_wordings(stage_io: StageIO, glossary: Glossary) -> None:
    """Write what each later stage needs of the glossary.

    Args:
        stage_io: Languages and paths.
        glossary: The terms.
    """
    wordings = Wordings(glossary, stage_io.job.source_language, common_words)
    stage_io.write_model(RECOGNITION_TERMS, wordings.recognition())
    stage_io.write_model(TRANSCRIPT_TERMS, wordings.transcript())
    for target in stage_io.job.target_languages:
        stage_io.write_model(translation_terms(target), wordings.translation(target))


if __name__ == "__main__":
    sys.exit(main())
