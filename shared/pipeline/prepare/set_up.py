#!/usr/bin/env python3
"""
Set up: the environments that a command needs, made by bootstrap.sh while it waits.

Usage:
    from shared.pipeline.prepare.set_up import set_up

    set_up()           # those that this machine needs
    set_up("batch")
"""

from __future__ import annotations

import subprocess
import sys

from shared.core.environment_lock import release_own, share_own
from shared.core.errors import UnavailableError
from shared.core.paths import PROJECT_ROOT


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
