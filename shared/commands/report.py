#!/usr/bin/env python3
"""
Report: the verb that writes the page of a job: how it came out, what to look at, how to mend it.

Usage:
    ./run-pipeline.sh report out/2026/11/23/me/1
"""

from __future__ import annotations

import sys
from pathlib import Path

from shared.commands.options import report_parser
from shared.config import load_config
from shared.core.errors import EXIT_SUCCESS, UnavailableError, shown
from shared.report.clips import ClipLimits
from shared.report.page import write_page


def main(argv: list[str]) -> int:
    """Write the pages of jobs and tell where they are; return the exit code.

    Args:
        argv: The arguments after 'report'.

    Raises:
        InputError: There is no such job, or it cannot be read.
        UnavailableError: The page cannot be written.
    """
    arguments = report_parser().parse_args(argv)
    for given in arguments.job:
        job_dir = given.expanduser().resolve()
        try:
            page = write_page(job_dir, _limits(job_dir, arguments.clips))
        except OSError as error:
            raise UnavailableError(
                f"The page of {job_dir} cannot be written: {error.strerror}",
                hint="Look at the rights of the job directory and the room on its disk",
            ) from error
        sys.stdout.write(shown(str(page)) + "\n")
    return EXIT_SUCCESS


def _limits(job_dir: Path, clips: int | None) -> ClipLimits:
    """Return how many places get picture and sound: as many as was said, else as is set."""
    config = load_config(job_dir)
    return ClipLimits(most=config.report_clips if clips is None else clips)
