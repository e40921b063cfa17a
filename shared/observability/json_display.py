#!/usr/bin/env python3
"""
JSON display: a run told to a program, one JSON object a line.

Usage:
    from shared.observability.json_display import JsonDisplay

    display = JsonDisplay(sys.stdout)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from shared.pipeline.job.events import Event
from shared.pipeline.job.job import Job
from shared.pipeline.plan.missing import Missing
from shared.pipeline.plan.plan import Step

if TYPE_CHECKING:
    from shared.pipeline.run.result import StageResult


class JsonDisplay:
    """One JSON object a line: plan, start, progress, end.

    Args:
        stream: Where the lines go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def planned(
        self, job: Job, steps: list[Step], expected: Mapping[str, float], missing: Missing
    ) -> None:
        """Write the plan.

        Args:
            job: What is worked on.
            steps: The plan, every selected stage in order.
            expected: Seconds by stage that will run, in order.
            missing: What the results that are there do not have.
        """
        seconds = {stage: round(value, 1) for stage, value in expected.items()}
        written = [asdict(step) for step in steps]
        facts = {"steps": written, "expected_seconds": seconds, "missing": asdict(missing)}
        self._write(event="plan", job_id=job.job_id, **facts)

    def started(self, step: Step) -> None:
        """Write that a stage starts.

        Args:
            step: The stage's line of the plan.
        """
        self._write(event="start", stage=step.stage, action=step.action, reason=step.reason)

    def event(self, event: Event) -> None:
        """Write a progress event as it came.

        Args:
            event: As it came from the stage; only progress is passed on.
        """
        if event["event"] == "progress":
            self._write(**event)

    def noted(self, text: str) -> None:
        """Write something that is not as it should be.

        Args:
            text: One line.
        """
        self._write(event="note", text=text)

    def retried(self, result: StageResult, wait: float) -> None:
        """Write that a stage failed and is tried again.

        Args:
            result: The failed attempt.
            wait: Seconds until the next one.
        """
        self._write(event="retry", stage=result.stage, reason=result.reason, wait=wait)

    def ended(self, result: StageResult) -> None:
        """Write how a stage ended.

        Args:
            result: What became of the stage.
        """
        self._write(event="end", **asdict(result))

    def close(self) -> None:
        """Nothing to leave behind."""

    def _write(self, **facts: Any) -> None:
        self._stream.write(json.dumps(facts, ensure_ascii=True, default=str) + "\n")
        self._stream.flush()
