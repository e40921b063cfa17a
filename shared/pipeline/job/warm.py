#!/usr/bin/env python3
"""
Warm: a stage's process imports its libraries while the stage before it still works, then waits.

Usage:
    from shared.pipeline.job.warm import wait_for_start

    wait_for_start(descriptor, ("faster_whisper",))
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence

from shared.core.errors import EXIT_INTERRUPTED


def wait_for_start(start: int | None, modules: Sequence[str]) -> None:
    """Import modules, then wait until the orchestrator lets this stage begin.

    Ends the process, exit code 130, when the orchestrator closes the pipe instead: the stage is
    not needed.

    Args:
        start: Read end of the start pipe; None in tests that run a stage without one.
        modules: What to import; a module that this environment does not hold is left out.
    """
    if start is None:
        return
    import_all(modules)
    if not os.read(start, 1):
        sys.exit(EXIT_INTERRUPTED)
    os.close(start)


def import_all(modules: Sequence[str]) -> None:
    """Import modules.

    Args:
        modules: Their names; a module that this environment does not hold is left out.
    """
    for name in modules:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)
