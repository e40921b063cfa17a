#!/usr/bin/env python3
"""
Cache: list, prune and verify the work that all jobs share.

Usage:
    python3 tools/cache.py list [--json]
    python3 tools/cache.py prune [--all]
    python3 tools/cache.py verify
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.config import load_config  # noqa: E402
from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS, UnavailableError, counted  # noqa: E402
from shared.pipeline.cache.cache import ResultCache  # noqa: E402
from shared.pipeline.cache.entry import Entry  # noqa: E402
from shared.pipeline.cache.opening import open_cache  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402

MB = 1_000_000


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/cache.py",
        description="The work that all jobs share.",
        examples=usage_of(__doc__),
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser(
        "list", help="every result: stage, size, last use, job", examples=usage_of(__doc__, "list")
    )
    listing.add_argument("--json", action="store_true", help="JSON on standard output")
    prune = verbs.add_parser(
        "prune",
        help="hold it to CACHE_MAX_GB and CACHE_MAX_DAYS now",
        examples=usage_of(__doc__, "prune"),
    )
    prune.add_argument("--all", action="store_true", help="empty it")
    verbs.add_parser(
        "verify",
        help="read every file; drop damaged ones (exit 1 if there were any)",
        examples=usage_of(__doc__, "verify"),
    )
    return parser


def list_results(cache: ResultCache, as_json: bool) -> int:
    """Print every result.

    Args:
        cache: The results of all jobs of this machine.
        as_json: Machine-readable.

    Returns:
        Exit code 0.
    """
    rows = [_row(entry) for entry in cache.entries()]
    if as_json:
        print(json.dumps(rows, indent=2))
        return EXIT_SUCCESS
    print(f"{'stage':<21}{'MB':>9}  {'last used':<17} job")
    for row in rows:
        size = f"{row['bytes'] / MB:.1f}"
        print(f"{row['stage']:<21}{size:>9}  {row['used'][:16].replace('T', ' '):<17} {row['job']}")
    print(f"{counted(len(rows), 'result')}, {cache.size() / MB:.1f} MB in {cache.folder}")
    return EXIT_SUCCESS


def _row(entry: Entry) -> dict[str, Any]:
    used = datetime.fromtimestamp(entry.used).astimezone().isoformat(timespec="seconds")
    record = entry.record
    return {"stage": record.stage, "bytes": entry.size, "used": used, "job": record.job_id}


def prune(cache: ResultCache, everything: bool) -> int:
    """Drop what is too old or too much; say how much that was.

    Args:
        cache: The results of all jobs of this machine.
        everything: Empty it.

    Returns:
        Exit code 0.
    """
    pruned = cache.prune(everything)
    dropped = f"{counted(pruned.results, 'result')} and {counted(pruned.objects, 'file')} dropped"
    print(f"{dropped}, {pruned.freed / MB:.1f} MB")
    return EXIT_SUCCESS


def verify(cache: ResultCache) -> int:
    """Read every file; exit code 1 when something was damaged and dropped.

    Args:
        cache: The results of all jobs of this machine.

    Returns:
        Exit code: 0 when all is whole, 1 when something was dropped.
    """
    found = cache.verify()
    for line in found:
        print(line)
    whole = counted(len(cache.entries()), "result is", "results are")
    print(f"{whole} whole" + (", the rest is dropped" if found else ""))
    return EXIT_FAILURE if found else EXIT_SUCCESS


def main(argv: list[str]) -> int:
    """Parse and dispatch; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        UnavailableError: The cache's place is no folder, or cannot be used.
    """
    arguments = make_parser().parse_args(argv)
    cache = open_cache(load_config())
    if cache.folder.exists() and not cache.folder.is_dir():
        raise UnavailableError(
            f"The cache cannot be used: {cache.folder} is no folder",
            hint="CACHE_DIR names another one",
        )
    try:
        if arguments.verb == "list":
            return list_results(cache, arguments.json)
        if arguments.verb == "prune":
            return prune(cache, arguments.all)
        return verify(cache)
    except OSError as error:
        raise UnavailableError(
            f"The cache cannot be used: {error}", hint="CACHE_DIR names another folder"
        ) from error


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
