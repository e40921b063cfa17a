#!/usr/bin/env python3
"""
Warm-up: the process of the next stage is started early, so that no stage waits for imports.

Usage:
    from shared.pipeline.run.start.warm_up import WarmUp

    with WarmUp(lock, enabled=True) as warm_up:
        result = warm_up.run(attempt, next_attempt, on_event)
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import TracebackType

from shared.pipeline.job.events import Event
from shared.pipeline.run.attempt import Attempt, WarmAttempt
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.result import StageResult


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

    def is_here(self, environment: str) -> bool:
        """Return whether stages of an environment run on this machine: all do.

        Args:
            environment: Its name.
        """
        return True

    def __enter__(self) -> WarmUp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._discard()

    def run(
        self, attempt: Attempt, next_one: Attempt | None, on_event: Callable[[Event], None]
    ) -> StageResult:
        """Run an attempt; meanwhile the process of the next one gets ready. See AttemptRunner.

        Args:
            attempt: What is to run now.
            next_one: What will probably come next; None where nothing is to be made ready.
            on_event: Called with each event of the stage.

        Returns:
            What became of it.
        """
        with self.take(attempt) as warm:
            if next_one is not None:
                self.prepare(next_one)
            return warm.run(on_event)

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
