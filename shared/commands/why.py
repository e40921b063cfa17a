#!/usr/bin/env python3
"""
Why: the verb that tells what changed since a stage ran.

Usage:
    ./run-pipeline.sh why asr out/2026/11/23/me/1
"""

from __future__ import annotations

import sys

from shared.commands.options import why_parser
from shared.core.errors import EXIT_SUCCESS, shown
from shared.pipeline.plan.selection import check_stage
from shared.pipeline.plan.why import explain

NAME = "why"


def main(argv: list[str]) -> int:
    """Tell why a stage would run again or not; return the exit code.

    Args:
        argv: The arguments after 'why'.

    Raises:
        InputError: An unknown stage, or no job.
    """
    arguments = why_parser().parse_args(argv)
    stage = check_stage(arguments.stage, NAME)
    job_dir = arguments.job.expanduser().resolve()
    for line in explain(job_dir, stage, arguments.verbose):
        sys.stdout.write(shown(line) + "\n")
    return EXIT_SUCCESS
