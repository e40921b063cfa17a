#!/usr/bin/env python3
"""
Glossary builder: collect the film's terms

Purpose: one glossary for recognition, translation and names, from the film's own file, the user's
    files and TMDB, in that order of trust.
Input: glossary/*.tsv (or GLOSSARY_FILES), tmdb/enrichment.json when there is one.
Output: glossary.json.

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only glossary_load
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config  # noqa: E402
from shared.core.paths import GLOSSARY_DIR  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.glossary_manager import GlossaryManager  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.enrichment import Enrichment  # noqa: E402


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
        manager = GlossaryManager()
        film_name = stage_io.job.file_stem.casefold()
        for path in glossary_files(config, stage_io):
            stage_io.get_project_file(path)
            origin = "film" if path.stem.casefold() == film_name else "user"
            count = manager.add_file(path, "film" if origin == "film" else "user")
            logger.info(f"{count} terms from {path} ({origin})")
        enrichment_path = stage_io.get_input_path("enrichment.json", from_stage="tmdb")
        if enrichment_path.exists():
            manager.add_enrichment(stage_io.read_model(enrichment_path, Enrichment))
        glossary = manager.glossary()
        stage_io.write_model("glossary.json", glossary)
        return stage_io.succeed(terms=len(glossary.terms))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def glossary_files(config: PipelineConfig, stage_io: StageIO) -> list[Path]:
    """Return the glossary files that apply to this film.

    Args:
        config: GLOSSARY_FILES names them; empty takes those in glossary/.
        stage_io: Records the folder, so that a new file there is noticed.
    """
    if config.glossary_files:
        return [PROJECT_ROOT / name for name in config.glossary_files]
    film = GLOSSARY_DIR / f"{stage_io.job.file_stem}.tsv"
    stage_io.get_project_file(film)
    general = stage_io.get_project_file(GLOSSARY_DIR / "terms.tsv")
    return [path for path in (film, general) if path.is_file()]


if __name__ == "__main__":
    sys.exit(main())
