#!/usr/bin/env python3
"""
Status: the verb that tells from any terminal how a batch or a job stands.

Usage:
    ./run-pipeline.sh status
    ./run-pipeline.sh status out/2026/11/30/me/7 --json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from shared.commands.batch_options import status_parser
from shared.config import load_config
from shared.core.errors import InputError, shown
from shared.observability.batch_status_table import status_lines
from shared.pipeline.batch.control import find_batches, is_running
from shared.pipeline.batch.record import BATCH_FILE
from shared.pipeline.batch.status import Status, batch_status, job_status
from shared.pipeline.job.job import JOB_FILE, output_root

FOLLOW_SECONDS = 1.0
# Clears a terminal and goes to its top.
ANEW = "\033[2J\033[H"


def main(argv: list[str]) -> int:
    """Tell how a batch or a job stands; return the exit code.

    Args:
        argv: The arguments after 'status'.

    Raises:
        InputError: There is no such batch or job.
    """
    arguments = status_parser().parse_args(argv)
    place = _place(arguments.target)
    told = ""
    while True:
        status = batch_status(place) if (place / BATCH_FILE).is_file() else job_status(place)
        text = _text(status, arguments.json)
        if text != told:
            is_screen = arguments.follow and not arguments.json and sys.stdout.isatty()
            sys.stdout.write((ANEW if is_screen else "") + text)
            sys.stdout.flush()
            told = text
        if not arguments.follow or status.is_over:
            return 0
        time.sleep(FOLLOW_SECONDS)


def _place(target: str | None) -> Path:
    """Return the batch or job that was named; the one that runs, or the latest, where none was.

    Raises:
        InputError: There is none.
    """
    if target is not None:
        place = Path(target).expanduser().resolve()
        if not any((place / name).is_file() for name in (BATCH_FILE, JOB_FILE)):
            raise InputError(f"{target} is no batch and no job", hint="./run-pipeline.sh jobs list")
        return place
    batches = find_batches(output_root(load_config()))
    if not batches:
        raise InputError("There has been no batch", hint="./run-pipeline.sh jobs list")
    return next((one for one in batches if is_running(one)), batches[0])


def _text(status: Status, as_json: bool) -> str:
    if as_json:
        return json.dumps(status.as_data()) + "\n"
    return "".join(shown(line) + "\n" for line in status_lines(status))
