#!/usr/bin/env python3
"""
Steer: the verbs that ask a running batch to do otherwise: pause, resume, stop, cancel, first.

Usage:
    ./run-pipeline.sh pause
    ./run-pipeline.sh cancel "Film (2019).mkv"
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import cast

from shared.commands.batch_options import STEERING
from shared.config import load_config
from shared.core.errors import InputError, UnavailableError, shown
from shared.pipeline.batch.control import Verb, is_running, request, running_batch
from shared.pipeline.batch.record import FilmRecord, read_batch
from shared.pipeline.job.job import output_root

TOLD = {
    "pause": "Paused: no stage begins, what runs goes on; ./run-pipeline.sh resume",
    "resume": "Goes on",
    "stop": "Ends after the stages that run now; the same batch command goes on",
    "cancel": "Cancelled",
    "first": "Comes first",
}


def main(argv: list[str]) -> int:
    """Ask a batch; return the exit code.

    Args:
        argv: The verb and its arguments.

    Raises:
        InputError: No batch runs, or it has no such film.
        UnavailableError: It does not answer.
    """
    verb = cast(Verb, argv[0])
    arguments = STEERING[verb]().parse_args(argv[1:])
    if arguments.batch is not None:
        folder = Path(arguments.batch).expanduser().resolve()
        if not is_running(folder):
            raise InputError(f"{folder} is no batch that runs", hint="./run-pipeline.sh status")
    else:
        folder = running_batch(output_root(load_config()))
    name = getattr(arguments, "film", None)
    film = None if name is None else _film(read_batch(folder).films, name)
    if not request(folder, verb, film.path if film is not None else ""):
        raise UnavailableError(f"The batch does not answer: {folder}", hint="Is it stopped?")
    what = f": {film.name}" if film is not None else ""
    sys.stdout.write(shown(TOLD[verb] + what) + "\n")
    return 0


def _film(films: list[FilmRecord], name: str) -> FilmRecord:
    """Return the film of a batch that a path or words of its name mean.

    Raises:
        InputError: None, or several, or it has ended, or nothing is named.
    """
    if not name.strip():
        raise InputError("No film is named: the text is empty", hint="Check variables in it")
    place = os.path.abspath(os.path.expanduser(name))
    found = [one for one in films if one.path == place]
    if not found:
        words = name.casefold().split()
        found = [one for one in films if all(word in one.name.casefold() for word in words)]
    open_ones = [one for one in found if not one.has_ended]
    if len(open_ones) == 1:
        return open_ones[0]
    if not found:
        raise InputError(f"The batch has no film {name}", hint="./run-pipeline.sh status")
    if not open_ones:
        raise InputError(f"{found[0].name}: {found[0].state}", hint="./run-pipeline.sh status")
    names = ", ".join(one.name for one in open_ones)
    raise InputError(f"{len(open_ones)} films fit {name}: {names}", hint="Name its path")
