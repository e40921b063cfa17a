#!/usr/bin/env python3
"""
Interrupt: Ctrl-C, TERM or HUP once ends the run in order, twice ends it now.

The first signal raises: the running stage is told to stop and gets its time to, the job is left
ready to go on. The second takes that time away: KILL at once. A third ends this process as if
nothing had been prepared for it; its stages still end with it.

Usage:
    from shared.pipeline.run.interrupt import heed_signals, is_hurried

    heed_signals()
"""

from __future__ import annotations

import os
import signal
from types import FrameType

from shared.core.errors import InterruptedRun

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENOUGH = 3
_heard: list[int] = []


def heed_signals() -> None:
    """Let the signals that stop a program be heard as this module says."""
    _heard.clear()
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            signal.signal(number, _hear)


def is_hurried() -> bool:
    """Return whether the user has asked a second time."""
    return len(_heard) > 1


def _hear(number: int, frame: FrameType | None) -> None:
    _heard.append(number)
    if len(_heard) >= ENOUGH:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    if len(_heard) == 1:
        name = "Interrupted" if number == signal.SIGINT else signal.Signals(number).name
        cause = name if number == signal.SIGINT else f"Stopped by {name}"
        raise InterruptedRun(cause, hint="Run the same command again to go on")
