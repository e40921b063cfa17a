#!/usr/bin/env python3
"""
Last word: a stage that ends without telling how still tells what it read.

A stage script may end by its exit code alone, as the template of standards 4.1 does, or by an error
that nobody caught. What StageIO recorded is reported when the process ends.

Usage:
    from shared.pipeline.job.last_word import keep_last_word

    keep_last_word(tell_what_was_recorded, tell_the_error)
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from types import TracebackType


def keep_last_word(ended: Callable[[], None], failed: Callable[[BaseException], object]) -> None:
    """Have this process report its end; its children, which inherit all this, report nothing.

    Args:
        ended: Called when the process ends by its exit code; not when it is killed or os._exit()
            ends it.
        failed: Called with an error that nobody caught, before that.
    """
    own = os.getpid()

    def at_exit() -> None:
        if os.getpid() == own:
            ended()

    def at_error(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if os.getpid() == own and isinstance(error, Exception):
            failed(error)
        else:
            sys.__excepthook__(kind, error, trace)

    atexit.register(at_exit)
    sys.excepthook = at_error
