#!/usr/bin/env python3
"""
Set up: the environments that a command needs, made by bootstrap.sh while it waits.

Usage:
    from shared.pipeline.prepare.set_up import go_on_in, set_up

    set_up()           # those that this machine needs
    set_up("batch")
    go_on_in("batch", "a batch", ["batch", *argv])
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.core.environment_lock import release_own, share_own
from shared.core.errors import UnavailableError
from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager


def go_on_in(environment: str, what: str, argv: Sequence[str]) -> None:
    """Start ./run-pipeline.sh again in an environment, made where it lacks; return where it runs.

    Args:
        environment: Its name.
        what: What needs it, for a person.
        argv: The arguments of the command, its verb first.

    Raises:
        UnavailableError: It cannot be made.
    """
    environments = EnvironmentManager()
    if Path(sys.prefix).resolve() == environments.folder(environment).resolve():
        return
    if environments.status(environment).state != "good":
        sys.stderr.write(f"Setting up what {what} needs (once)\n")
        set_up(environment)
    python = str(environments.python(environment))
    os.execv(python, [python, str(PROJECT_ROOT / "scripts" / "run-pipeline.py"), *argv])


def set_up(environment: str = "") -> None:
    """Run bootstrap, which does nothing when nothing is missing.

    Args:
        environment: This one alone; empty takes all that this machine needs.

    Raises:
        UnavailableError: It failed; what it said stands on standard error.
    """
    arguments = ["--env", environment] if environment else []
    release_own()  # the environment that runs this may be one of them
    code = subprocess.run(
        [str(PROJECT_ROOT / "bootstrap.sh"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    ).returncode
    share_own(PROJECT_ROOT)
    if code:
        raise UnavailableError(
            (
                f"The environment {environment} could not be set up"
                if environment
                else "The environments could not be set up"
            ),
            hint=" ".join(["./bootstrap.sh", *arguments]),
        )
