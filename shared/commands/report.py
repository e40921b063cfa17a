#!/usr/bin/env python3
"""
Report: the verb that writes the page of a job: how it came out, what to look at, how to mend it.

Usage:
    ./run-pipeline.sh report out/2026/11/23/me/1
    ./run-pipeline.sh report out/2026/11/23/me/1 out/2026/11/23/me/2
"""

from __future__ import annotations

import sys
from pathlib import Path

from shared.commands.options import report_parser
from shared.config import load_config
from shared.core.errors import EXIT_SUCCESS, InputError, PipelineError, UnavailableError, shown
from shared.pipeline.job.job import output_root
from shared.pipeline.job.places import PAGE_FILE
from shared.pipeline.run.command_line import tell_error
from shared.report.clips import ClipLimits
from shared.report.index import write_index
from shared.report.page import write_page

SUFFIXES = (".html", ".htm")


def main(argv: list[str]) -> int:
    """Write the pages of jobs, and one over several, and tell where they are; return the exit code.

    Args:
        argv: The arguments after 'report'.

    Raises:
        InputError: There is no such job, or it cannot be read; of several, the others are written.
        UnavailableError: A page cannot be written.
    """
    arguments = report_parser().parse_args(argv)
    index: Path | None = arguments.index
    if index is not None and index.suffix.lower() not in SUFFIXES:
        raise InputError(f"{index} is no name of a page", hint="--index films.html")
    job_dirs = [given.expanduser().resolve() for given in arguments.job]
    errors: list[PipelineError] = []
    for job_dir in job_dirs:
        try:
            sys.stdout.write(shown(str(_write(job_dir, arguments.clips))) + "\n")
        except PipelineError as error:
            errors.append(error)
    if len(job_dirs) > 1 or index is not None:
        sys.stdout.write(shown(str(_write_index(index, job_dirs))) + "\n")
    for kept in errors[:-1]:
        tell_error(kept)
    if errors:
        raise errors[-1]
    return EXIT_SUCCESS


def _write(job_dir: Path, clips: int | None) -> Path:
    """Write the page of a job; as many places as was said get picture and sound, else as is set."""
    try:
        config = load_config(job_dir)
        limits = ClipLimits(most=config.report_clips if clips is None else clips)
        return write_page(job_dir, limits)
    except OSError as error:
        raise UnavailableError(
            f"The page of {job_dir} cannot be written: {error.strerror}",
            hint="Look at the rights of the job directory and the room on its disk",
        ) from error


def _write_index(index: Path | None, job_dirs: list[Path]) -> Path:
    """Write the page over several jobs, in the folder of all jobs unless a place was named."""
    path = (index or output_root(load_config()) / PAGE_FILE).expanduser().absolute()
    try:
        write_index(path, job_dirs)
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror}", hint="--index FILE names another place"
        ) from error
    return path
