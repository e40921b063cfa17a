#!/usr/bin/env python3
"""
Learn terms: keep names that a finished job heard, for the films to come (glossary/learned.tsv).

Without --keep it lists what could be kept: the terms of the job's glossary that were spoken, with
the spellings that were put right. A kept spelling is put right at once next time. Terms of other
origins go before learned ones.

Usage:
    python3 tools/learn_terms.py JOB_DIR
    python3 tools/learn_terms.py JOB_DIR --keep "Gabbar Singh" --keep Veeru
    python3 tools/learn_terms.py JOB_DIR --keep-all
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TypeVar

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, named_path, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from pydantic import BaseModel, ValidationError  # noqa: E402

from shared.core.errors import EXIT_SUCCESS, InputError, counted, nearest, shown  # noqa: E402
from shared.core.paths import GLOSSARY_DIR  # noqa: E402
from shared.glossary.learned import heard_terms, keep_terms  # noqa: E402
from shared.glossary.matching import fold  # noqa: E402
from shared.glossary.records import ADHERENCE, Glossary, GlossaryTerm  # noqa: E402
from shared.glossary.report import AdherenceReport  # noqa: E402
from shared.pipeline.job.places import check_places  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from shared.stage_order import get_stage_dir  # noqa: E402
from shared.transcript.records.schemas import Transcript  # noqa: E402

Model = TypeVar("Model", bound=BaseModel)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/learn_terms.py",
        description="Names that a finished job heard, for later films.",
        examples=usage_of(__doc__),
    )
    parser.add_argument("job", type=named_path, metavar="JOB_DIR")
    parser.add_argument(
        "--keep", action="append", default=[], metavar="NAME", help="a term to keep, repeatable"
    )
    parser.add_argument("--keep-all", action="store_true", help="keep all that were spoken")
    parser.add_argument(
        "--file", type=named_path, default=GLOSSARY_DIR / "learned.tsv", help="where they are kept"
    )
    return parser


def spoken_terms(job_dir: Path) -> list[GlossaryTerm]:
    """Return what a job heard of its glossary.

    Args:
        job_dir: The job directory.

    Raises:
        InputError: The job has no transcript yet, or no glossary, or a link or pipe in its place.
    """
    if job_dir.is_dir():
        check_places(job_dir)
    return heard_terms(
        _read(job_dir, "glossary_load", "glossary.json", Glossary),
        _read(job_dir, "export_transcript", ADHERENCE, AdherenceReport),
        _read(job_dir, "export_transcript", "transcript.json", Transcript),
    )


def choose(terms: list[GlossaryTerm], wanted: list[str]) -> list[GlossaryTerm]:
    """Return the terms of these names.

    Args:
        terms: Those that were spoken.
        wanted: Names as the user wrote them.

    Raises:
        InputError: One was not spoken; with the nearest.
    """
    by_name = {fold(term.source): term for term in terms}
    for name in wanted:
        if fold(name) not in by_name:
            known = [term.source for term in terms]
            raise InputError(
                f"No term {name!r} was spoken in this film",
                hint=nearest(name, known) or f"Spoken: {', '.join(known) or 'none'}",
            )
    return [by_name[fold(name)] for name in wanted]


def _read(job_dir: Path, stage: str, name: str, model: type[Model]) -> Model:
    path = job_dir / get_stage_dir(stage) / name
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}",
            hint=f"./run-pipeline.sh transcribe '{job_dir}'",
        ) from error
    except ValidationError as error:
        raise InputError(f"{path} is damaged", hint=f"--force {stage} makes it again") from error


def main(argv: list[str]) -> int:
    """List or keep terms; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: No such job, or a term that was not spoken.
    """
    options = make_parser().parse_args(argv)
    terms = spoken_terms(options.job)
    if options.keep or options.keep_all:
        chosen = terms if options.keep_all else choose(terms, options.keep)
        print(f"{counted(keep_terms(options.file, chosen), 'new term')} in {options.file}")
        return EXIT_SUCCESS
    for term in terms:
        print(shown("\t".join([term.source, term.preferred, "|".join(term.alternatives)])))
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
