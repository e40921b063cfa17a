#!/usr/bin/env python3
"""
TMDB enrichment: ask The Movie Database about the film

Purpose: cast, characters, crew and titles seed the glossary; without a key or a network the film
    goes on without them, and the job says so.
Input: title and year of job.json; the key from config/secrets.json or the environment.
Output: enrichment.json; where Hindi is spoken or written, with the names in Devanagari.

Example:
    ./run-pipeline.sh subtitle JOB_DIR --only tmdb
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config, load_secret  # noqa: E402
from shared.core.environment_stamp import STAMP_NAME  # noqa: E402
from shared.core.errors import (  # noqa: E402
    DependencyError,
    InputError,
    UnavailableError,
)
from shared.core.languages import primary  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.environment_manager import EnvironmentManager  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.enrichment import Enrichment  # noqa: E402

HINDI = "hi"


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("tmdb")
    logger = get_stage_logger("tmdb", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("TMDB: ask The Movie Database about the film")
        logger.info("=" * 60)
        config = load_config()
        job = stage_io.job
        if not config.tmdb_enabled:
            return stage_io.skip("switched off (TMDB_ENABLED=false)")
        try:
            with bad_key_is_no_key():
                key = load_secret("TMDB_API_KEY")
                if key is None:
                    return stage_io.skip("no TMDB_API_KEY in config/secrets.json")
                enrichment = ask(config, key, job.title, job.year)
        except (DependencyError, UnavailableError) as error:
            stage_io.degrade(f"The film goes on without TMDB: {error.cause}. {error.hint}".rstrip())
            return stage_io.skip(error.cause)
        if enrichment is None:
            return stage_io.skip(f"TMDB knows no film {job.title!r} of {job.year or 'any year'}")
        enrichment.transliterations = transliterations(stage_io, enrichment)
        stage_io.write_model("enrichment.json", enrichment)
        return stage_io.succeed(tmdb_id=enrichment.tmdb_id, cast=len(enrichment.cast))
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


@contextmanager
def bad_key_is_no_key() -> Iterator[None]:
    """Make of a key that cannot be used a service that is not there: the film goes on.

    Raises:
        UnavailableError: In place of an InputError, with its cause and hint.
    """
    try:
        yield
    except InputError as error:
        raise UnavailableError(error.cause, hint=error.hint) from error


def ask(config: PipelineConfig, key: str, title: str, year: int | None) -> Enrichment | None:
    """Return what TMDB knows about a film, None when it knows none of that name.

    Args:
        config: Where and how it is asked.
        key: The API key.
        title: Title in any language TMDB knows.
        year: Year of release, None when it is not known.

    Raises:
        DependencyError: It gives no usable answer.
    """
    from scripts.film.tmdb_integration import TmdbClient

    client = TmdbClient(
        key,
        base_url=config.tmdb_base_url,
        timeout=config.tmdb_timeout_seconds,
        attempts=config.tmdb_attempts,
        language=config.tmdb_language,
    )
    return client.find(title, year)


def transliterations(stage_io: StageIO, enrichment: Enrichment) -> dict[str, dict[str, str]]:
    """Return the characters' names in Devanagari where Hindi is spoken or written.

    Args:
        stage_io: The job's languages; warnings.
        enrichment: What TMDB knows.
    """
    languages = (stage_io.job.source_language, *stage_io.job.target_languages)
    if HINDI not in (primary(tag) for tag in languages):
        return {}
    from scripts.writing.hindi_names import ENVIRONMENT, names_in_devanagari

    stage_io.get_project_file(EnvironmentManager().folder(ENVIRONMENT) / STAMP_NAME)
    try:
        return {HINDI: names_in_devanagari(enrichment.character_words())}
    except (UnavailableError, DependencyError) as error:
        # What is not here is an input of the stage; what failed may work the next time.
        tell = stage_io.lack if isinstance(error, UnavailableError) else stage_io.degrade
        tell(f"Names of TMDB stay in Latin letters: {error.cause}. {error.hint}".rstrip())
        return {}


if __name__ == "__main__":
    sys.exit(main())
