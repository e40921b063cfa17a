#!/usr/bin/env python3
"""
Display: what a run tells whoever shows it to somebody; see shared/observability/progress.py.

Usage:
    from shared.pipeline.run.display import Display

    def run_job(job_dir: Path, display: Display) -> None: ...
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from shared.pipeline.job.events import Event
from shared.pipeline.job.job import Job
from shared.pipeline.plan.missing import Missing
from shared.pipeline.plan.plan import Step

if TYPE_CHECKING:
    from shared.pipeline.run.result import StageResult


class Display(Protocol):
    """What shows a run to somebody; see shared/observability/progress.py."""

    def planned(
        self, job: Job, steps: list[Step], expected: Mapping[str, float], missing: Missing
    ) -> None:
        """Show the plan; expected: seconds by stage that will run, in order.

        Args:
            job: What is worked on.
            steps: The plan, every selected stage in order.
            expected: Seconds by stage that will run, in order.
            missing: What the results that are there do not have.
        """

    def started(self, step: Step) -> None:
        """Show that a stage starts.

        Args:
            step: The stage's line of the plan.
        """

    def event(self, event: Event) -> None:
        """Show an event of the running stage.

        Args:
            event: As it came from the stage: progress, ready, rung, result.
        """

    def noted(self, text: str) -> None:
        """Show something that is not as it should be, but no reason to stop.

        Args:
            text: One line.
        """

    def retried(self, result: StageResult, wait: float) -> None:
        """Show that a stage failed and is tried again after so many seconds.

        Args:
            result: The failed attempt.
            wait: Seconds until the next one.
        """

    def ended(self, result: StageResult) -> None:
        """Show how a stage ended.

        Args:
            result: What became of the stage.
        """

    def close(self) -> None:
        """Leave the terminal as it was."""
