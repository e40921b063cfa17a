#!/usr/bin/env python3
"""
Lifeline: a stage ends with its orchestrator, however that was killed.

Usage:
    from shared.pipeline.job.lifeline import die_with_the_orchestrator

    die_with_the_orchestrator(descriptor)
"""

from __future__ import annotations

import os
import signal
import threading


def die_with_the_orchestrator(lifeline: int | None) -> None:
    """End this process group when the orchestrator is gone, however it was killed.

    Args:
        lifeline: Read end of a pipe whose only writer is the orchestrator; None in tests that
            run a stage without one.
    """
    if lifeline is None:
        return

    def watch() -> None:
        while os.read(lifeline, 1):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
