#!/usr/bin/env python3
"""
First steps: what to type next, told to who has named nothing yet.

Usage:
    from shared.commands.first_steps import next_command

    raise InputError("Nothing is named that could be done", hint=next_command("subtitle"))
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from shared.commands.options import DEMO
from shared.core.paths import INPUT_DIR
from shared.core.usage import RUN
from shared.pipeline.prepare.films import FILM_SUFFIXES

OF_A_JOB = "-s auto -t en"


def next_command(workflow: str, folder: Path = INPUT_DIR) -> str:
    """Return a command that does something here, for a film that is there; else the demo.

    Args:
        workflow: What is wanted.
        folder: Where films may lie; need not be there.
    """
    options = "-s auto" if workflow == "transcribe" else OF_A_JOB
    try:
        names = sorted(
            one for one in os.listdir(folder) if Path(one).suffix.lower() in FILM_SUFFIXES
        )
    except OSError:
        names = []
    if names:
        film = shlex.quote(os.path.join(folder.name, names[0]))
        return f"{RUN} {workflow} {film} {options}"
    return (
        f'{RUN} {workflow} "/path/to/My Film (2019).mkv" {options}; '
        f"without a film, {RUN} {DEMO} makes a short one and subtitles it"
    )
