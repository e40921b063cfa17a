#!/usr/bin/env python3
"""
Arguments: the command line of bootstrap.sh.

Usage:
    from tools.bootstrap.arguments import parse_arguments

    options = parse_arguments(["--env", "nllb"])
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from shared.core.usage import CommandParser
from shared.environment_manager import ENVIRONMENTS
from shared.hardware_detection import PROFILES

MORE = "Environments: {names}."
EXAMPLES = """
  ./bootstrap.sh                 what this machine needs for a first job
  ./bootstrap.sh --env nllb      one more environment
  ./bootstrap.sh --check         run the engine of each; exit code 3 unless all needed ones work
  ./bootstrap.sh --check --quick look at their files only
"""


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. Raises InputError where it makes no sense.

    Args:
        arguments: Without the program's name.

    Returns:
        The options, checked against one another.
    """
    parser = CommandParser(
        prog="./bootstrap.sh",
        description="Create the virtual environments that this machine needs.",
        more=MORE.format(names=", ".join(ENVIRONMENTS)),
        examples=EXAMPLES,
        codes="0 done, 1 failure, 2 wrong arguments, 3 something is missing and cannot be had here",
    )
    parser.add_argument("--env", action="append", metavar="NAME", help="only this one (repeatable)")
    parser.add_argument("--listed", action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--all", action="store_true", help="every one that can exist here")
    parser.add_argument(
        "--profile", choices=("auto", *PROFILES), default="auto", help="hardware to prepare for"
    )
    parser.add_argument("--check", action="store_true", help="report each one, change nothing")
    parser.add_argument("--quick", action="store_true", help="with --check: look at the files only")
    parser.add_argument("--json", action="store_true", help="with --check: as JSON")
    parser.add_argument("--force", action="store_true", help="make them again from nothing")
    options = parser.parse_args(arguments)
    if options.env and options.all:
        parser.error("--env and --all exclude one another")
    if options.check and options.force:
        parser.error("--check and --force exclude one another")
    for name in ("json", "quick"):
        if getattr(options, name) and not options.check:
            parser.error(f"--{name} goes with --check only")
    return options
