#!/usr/bin/env python3
"""
Warm-up: the process of the next stage is started early, so that no stage waits for imports.

Usage:
    from shared.pipeline.run.warm_up import WarmUp

    with WarmUp(lock, enabled=True) as warm_up:
        with warm_up.take(attempt) as warm:
            warm_up.prepare(next_attempt)
            result = warm.run(on_event)
"""

from __future__ import annotations

import contextlib
from types import TracebackType

from shared.pipeline.run.attempt import Attempt, WarmAttempt
from shared.pipeline.run.interrupt import Stop


class WarmUp:
    """Holds at most one process that waits to work.

    Args:
        lock_descriptor: The job lock, inherited by the stages.
        enabled: Whether anything is started early at all.
        stop: Who may ask the run to stop; None = the signals of this process.
    """

    def __init__(self, lock_descriptor: int, enabled: bool, stop: Stop | None = None) -> None:
        self._stop = stop
        self._lock = lock_descriptor
        self._enabled = enabled
        self._ready: WarmAttempt | None = None

    def __enter__(self) -> WarmUp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._discard()

    def prepare(self, attempt: Attempt) -> None:
        """Start the process of an attempt that will probably come next.

        Where it cannot be started now, take() starts it and tells why, when its turn has come.

        Args:
            attempt: What take() will be asked for; when it is asked for another, this one ends.
        """
        if not self._enabled or (self._ready and self._ready.attempt == attempt):
            return
        self._discard()
        with contextlib.suppress(OSError):
            self._ready = WarmAttempt(attempt, self._lock, self._stop)

    def take(self, attempt: Attempt) -> WarmAttempt:
        """Return the process of an attempt, the one made ready if it is just this attempt's.

        Args:
            attempt: What is to run now.
        """
        ready, self._ready = self._ready, None
        if ready is not None:
            if ready.attempt == attempt:
                return ready
            with ready:
                pass
        return WarmAttempt(attempt, self._lock, self._stop)

    def _discard(self) -> None:
        if self._ready is not None:
            with self._ready:
                self._ready = None
