#!/usr/bin/env python3
"""
After: a person's own command after each film and at the end: a media server looks, somebody hears.

Usage:
    from shared.pipeline.batch.after import film_facts, run_after

    trouble = run_after(config.after_film_command, film_facts(record))
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Mapping
from typing import Any

from shared.pipeline.batch.record import FilmRecord

LONGEST_SECONDS = 60.0


def film_facts(record: FilmRecord) -> dict[str, Any]:
    """Return what the command after a film is given.

    Args:
        record: Of the film, which has ended.
    """
    return {
        "film": record.path,
        "status": record.state,
        "exit_code": record.exit_code,
        "reason": record.reason,
        "job": record.job,
        "delivered": record.delivered,
    }


def run_after(command: str, facts: Mapping[str, Any]) -> str:
    """Start a command and give it facts as JSON; return what went wrong with it, '' if nothing.

    Args:
        command: Program and arguments; empty = none.
        facts: What it reads from standard input.
    """
    if not command.strip():
        return ""
    try:
        done = subprocess.run(
            shlex.split(command),
            input=json.dumps(facts).encode("utf-8"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=LONGEST_SECONDS,
            start_new_session=True,  # Ctrl-C is for the batch, which still has to tell
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        name = command.split()[0]
        return f"The command {name} after it failed: {_told(error)}"
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        name = command.split()[0]
        return f"The command {name} after it ended with exit code {done.returncode}" + "".join(
            f": {line}" for line in said
        )
    return ""


def _told(error: Exception) -> str:
    """Return what went wrong, without the arguments: they may hold a key."""
    if isinstance(error, OSError):
        return str(error.strerror)
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no end in {LONGEST_SECONDS:.0f} s"
    return str(error)
