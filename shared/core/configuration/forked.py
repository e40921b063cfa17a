#!/usr/bin/env python3
"""
Forked: the environment of a process that is asked for children, and of those.

Usage:
    from shared.core.configuration.forked import fork_server, replace_variables

    control, began = fork_server()
"""

from __future__ import annotations

import os
from collections.abc import Mapping

FORK_SERVER_VARIABLE = "CP_FORK_SERVER"


def fork_server() -> tuple[int | None, float]:
    """Return the socket from which this process is asked for children, and when it was started.

    None and 0 in a process that was started for one attempt.
    """
    socket, _, began = os.environ.get(FORK_SERVER_VARIABLE, "").partition(" ")
    return (int(socket), float(began)) if socket else (None, 0.0)


def replace_variables(variables: Mapping[str, str]) -> None:
    """Give this process other environment variables than it was started with.

    Args:
        variables: All that it has from now on.
    """
    os.environ.clear()
    os.environ.update(variables)
