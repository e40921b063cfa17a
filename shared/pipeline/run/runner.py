#!/usr/bin/env python3
"""
Runner: who runs the attempts of a job: the run itself, or a batch that gives each a slot.

Usage:
    from shared.pipeline.run.runner import AttemptRunner

    def run_stage(runner: AttemptRunner) -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from shared.pipeline.job.events import Event
from shared.pipeline.run.attempt import Attempt
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.result import StageResult


class AttemptRunner(AbstractContextManager[Any], Protocol):
    """Runs the attempts of one job, one after another; left when the job's run ends."""

    def is_here(self, environment: str) -> bool:
        """Return whether stages of an environment run on this machine, which then has to have it.

        Args:
            environment: Its name.
        """

    def run(
        self, attempt: Attempt, next_one: Attempt | None, on_event: Callable[[Event], None]
    ) -> StageResult:
        """Run an attempt to its end.

        Args:
            attempt: What is to run now.
            next_one: What will probably come next; None where nothing is to be made ready.
            on_event: Called with each event of the stage.

        Returns:
            What became of it.

        Raises:
            InterruptedRun: Somebody asked the run to stop.
        """


# From the job lock, which stages inherit, and who may ask the run to stop, to who runs attempts.
MakeRunner = Callable[[int, Stop], AttemptRunner]
