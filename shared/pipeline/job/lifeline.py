#!/usr/bin/env python3
"""
Lifeline: a stage ends with its orchestrator, however that was killed, and although it had forked.

A forked process holds every descriptor of its parent: the lifeline that would end stages, the lock
that keeps a job. What keep_own is given is closed there.

Usage:
    from shared.pipeline.job.lifeline import close_own, die_with_the_orchestrator, keep_own

    die_with_the_orchestrator(descriptor)   # in a stage
    keep_own(descriptor)                    # in the orchestrator
    close_own(descriptor)
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable

LATEST_SECONDS = 2.0
_own: set[int] = set()


def die_with_the_orchestrator(
    lifeline: int | None, end_others: Callable[[], None] = lambda: None
) -> None:
    """End this process group when the orchestrator is gone, however it was killed.

    Args:
        lifeline: Read end of a pipe whose only writer is the orchestrator; None in tests that
            run a stage without one.
        end_others: Ends what this process started outside its group; called before.
    """
    if lifeline is None:
        return

    def watch() -> None:
        while os.read(lifeline, 1):
            pass
        threading.Thread(target=end_late, daemon=True).start()
        try:
            end_others()
        finally:
            os.killpg(os.getpgrp(), signal.SIGKILL)

    def end_late() -> None:
        time.sleep(LATEST_SECONDS)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def keep_own(descriptor: int) -> int:
    """Have a descriptor closed in every process that this one forks; return it.

    Args:
        descriptor: An open one.
    """
    _own.add(descriptor)
    return descriptor


def close_own(descriptor: int) -> None:
    """Close a descriptor that keep_own was given; a forked process has none of them any more.

    Args:
        descriptor: What keep_own returned.
    """
    if descriptor in _own:
        _own.discard(descriptor)
        os.close(descriptor)


def _close_all() -> None:
    for descriptor in tuple(_own):
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _own.clear()


os.register_at_fork(after_in_child=_close_all)
