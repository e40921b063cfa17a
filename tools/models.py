#!/usr/bin/env python3
"""
Models: list, fetch, verify and find the models that the stages load.

Usage:
    python3 tools/models.py list [ENGINE] [--json]
    python3 tools/models.py fetch ENGINE NAME...
    python3 tools/models.py fetch --for JOB_DIR
    python3 tools/models.py verify [ENGINE NAME]
    python3 tools/models.py path ENGINE NAME
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, named_path, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.config import load_config  # noqa: E402
from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS, InputError, counted  # noqa: E402
from shared.core.files import read_record, sha256_of  # noqa: E402
from shared.core.paths import MODELS_DIR  # noqa: E402
from shared.models.catalogue import FAMILIES, MODELS, Model, describe  # noqa: E402
from shared.models.fetch import RECORD, fetch_model  # noqa: E402
from shared.models.first_use import read_first_use  # noqa: E402
from shared.models.packaged import PACKAGES  # noqa: E402
from shared.models.shown import shown_fetch  # noqa: E402
from shared.models.store import Found, locate, require_model  # noqa: E402
from shared.pipeline.job.job import load_job  # noqa: E402
from shared.pipeline.plan.needed import needed_models  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402
from shared.stage_order import get_workflow_stages  # noqa: E402

LANGUAGES_SHOWN = 4


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/models.py",
        description="The models that stages load.",
        examples=usage_of(__doc__),
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    engines = f"one of {', '.join(FAMILIES)}"
    listing = verbs.add_parser(
        "list", help="every model: size, languages, where it is", examples=usage_of(__doc__, "list")
    )
    listing.add_argument("engine", nargs="?", metavar="ENGINE", help=engines)
    listing.add_argument("--json", action="store_true", help="JSON on standard output")
    fetch = verbs.add_parser(
        "fetch", help="bring models onto this machine", examples=usage_of(__doc__, "fetch")
    )
    fetch.add_argument("engine", nargs="?", metavar="ENGINE", help=engines)
    fetch.add_argument("names", nargs="*", metavar="NAME", help="names or hub repositories")
    fetch.add_argument(
        "--for", dest="job_dir", type=named_path, metavar="JOB_DIR", help="all it needs"
    )
    verify = verbs.add_parser(
        "verify", help="compare files with their digests", examples=usage_of(__doc__, "verify")
    )
    verify.add_argument("engine", nargs="?", metavar="ENGINE", help=engines)
    verify.add_argument("name", nargs="?", metavar="NAME", help="without it: all that are here")
    path = verbs.add_parser(
        "path", help="print where a model lies", examples=usage_of(__doc__, "path")
    )
    path.add_argument("engine", metavar="ENGINE", help=engines)
    path.add_argument("name", metavar="NAME", help="a name, a hub repository or a folder")
    return parser


def list_models(engine: str | None, as_json: bool) -> int:
    """Print the catalogue.

    Args:
        engine: Only the models of this one.
        as_json: Machine-readable.

    Returns:
        Exit code 0.

    Raises:
        InputError: There is no such engine.
    """
    if engine is not None and engine not in FAMILIES:
        raise InputError(f"There is no engine {engine}", hint=f"Engines: {', '.join(FAMILIES)}")
    models = [model for model in MODELS if engine in {None, model.engine}]
    places = [(model, locate(model.engine, model.name)) for model in models]
    if as_json:
        print(json.dumps([_row(model, found) for model, found in places], indent=2))
        return EXIT_SUCCESS
    print(f"{'engine':<12}{'name':<36}{'MB':>7}  {'languages':<18}where")
    for model, found in places:
        tags = [tag if tag != "*" else "many" for tag in model.languages]
        languages = " ".join(tags[:LANGUAGES_SHOWN]) + (" …" if tags[LANGUAGES_SHOWN:] else "")
        where = str(found.path) if found else "hub, with HF_TOKEN" if model.gated else "hub"
        size = str(model.size_mb or "?")
        print(f"{model.engine:<12}{model.name:<36}{size:>7}  {languages:<18}{where}")
    return EXIT_SUCCESS


def fetch(engine: str | None, names: list[str], job_dir: Path | None) -> int:
    """Fetch models by name, or those that a job needs.

    Args:
        engine: Their engine.
        names: Their names.
        job_dir: A prepared job; the models that its stages need are fetched.

    Returns:
        Exit code 0.

    Raises:
        InputError: Neither an engine with models nor a job was named.
    """
    if job_dir is not None and engine is None:
        job = load_job(job_dir)
        stages = get_workflow_stages(job.workflow)
        needs = needed_models(job, load_config(job_dir), stages)
        wanted = [(need.engine, need.name) for need in needs]
    elif engine is not None and names and job_dir is None:
        wanted = [(engine, name) for name in names]
    else:
        raise InputError("Name an engine and models, or a job", hint="tools/models.py fetch --help")
    for one, name in wanted:
        found = locate(one, name)
        if found is None:
            model = describe(one, name)
            sys.stderr.write(f"Fetching {one} {model.name}{model.size} …\n")
            with shown_fetch() as progress:
                print(fetch_model(model, progress))
        else:
            print(found.path)
    return EXIT_SUCCESS


def verify(engine: str | None, name: str | None) -> int:
    """Compare the files of models with their digests; exit code 1 when one differs.

    Args:
        engine: Of the one model to verify; None = all that are on this machine.
        name: The model's name in the catalogue.

    Returns:
        Exit code: 0 when all are whole, 1 when one differs.

    Raises:
        InputError: An engine without a model.
    """
    if engine is not None and name is None:
        raise InputError("Name a model too", hint="tools/models.py verify ENGINE NAME")
    if engine is not None and name is not None:
        require_model(engine, name)
        places = [locate(engine, name)]
    else:
        places = [locate(model.engine, model.name) for model in MODELS]
    damaged = 0
    for found in filter(None, places):
        digests = _known_digests(found)
        wrong = [path for path, digest in digests.items() if _digest(path) not in digest]
        damaged += bool(wrong)
        told = (
            counted(len(digests), "file as it should be", "files as they should be")
            if digests
            else "no digest is known"
        )
        if wrong:
            told = "DAMAGED: " + ", ".join(str(path) for path in wrong)
        print(f"{found.model.engine} {found.model.name}: {told}")
    return EXIT_FAILURE if damaged else EXIT_SUCCESS


def _row(model: Model, found: Found | None) -> dict[str, object]:
    return {
        "engine": model.engine,
        "name": model.name,
        "repository": model.repository,
        "size_mb": model.size_mb,
        "languages": list(model.languages),
        "gated": model.gated,
        "revision": model.pin.revision or None,
        "place": found.place if found else None,
        "path": str(found.path) if found else None,
    }


def _known_digests(found: Found) -> dict[Path, set[str]]:
    """Return file to the digests that it may have: of the fetch, the hub cache, pin or package."""
    folder = found.path if found.path.is_dir() else found.path.parent
    digests: dict[Path, set[str]] = {}
    recorded = (read_record(folder / RECORD) or {}).get("sha256")
    if isinstance(recorded, dict):
        # What came first lies apart from the model: who changes one has not changed the other.
        first = dict(read_first_use(found.model, MODELS_DIR).sha256)
        recorded |= {name: digest for name, digest in first.items() if name in recorded}
        digests |= {folder / name: {digest} for name, digest in recorded.items()}
    if found.place == "hub cache":  # large files lie there under their digest
        blobs = {path: path.resolve().name for path in folder.rglob("*") if path.is_file()}
        digests |= {path: {blob} for path, blob in blobs.items() if len(blob) == 64}
    if digests:
        return digests
    package = PACKAGES.get((found.model.engine, found.model.name))
    if package is not None:
        weights = folder / package.weights
        return {weights: {package.sha256, dict(found.model.pin.sha256).get(package.weights, "")}}
    return {folder / name: {digest} for name, digest in found.model.pin.sha256}


def _digest(path: Path) -> str | None:
    return sha256_of(path) if path.is_file() else None


def main(argv: list[str]) -> int:
    """Parse and dispatch; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    arguments = make_parser().parse_args(argv)
    if arguments.verb == "list":
        return list_models(arguments.engine, arguments.json)
    if arguments.verb == "fetch":
        return fetch(arguments.engine, arguments.names, arguments.job_dir)
    if arguments.verb == "verify":
        return verify(arguments.engine, arguments.name)
    print(require_model(arguments.engine, arguments.name))
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
