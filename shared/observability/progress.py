#!/usr/bin/env python3
"""
Progress: a run shown to a person, on a terminal or as plain lines; to a program: json_display.py.

Usage:
    from shared.observability.progress import make_display

    display = make_display(as_json=False)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from shared.core.errors import shown
from shared.observability.json_display import JsonDisplay
from shared.pipeline.job.events import Event
from shared.pipeline.job.job import Job
from shared.pipeline.plan.eta import RemainingTime, clock
from shared.pipeline.plan.missing import Missing, describe_missing
from shared.pipeline.plan.plan import Step
from shared.stage_order import STAGE_ORDER, get_stage_number

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from shared.pipeline.run.result import StageResult

PLAIN_INTERVAL = 15.0
ACTION_WORDS = {
    "run": "run",
    "cached": "from the cache",
    "keep": "up to date",
    "skip": "skipped",
}


def make_display(as_json: bool, stream: TextIO | None = None) -> PlainDisplay | JsonDisplay:
    """Return the display that fits where the output goes.

    Args:
        as_json: Whether the caller asked for JSON lines (on standard output).
        stream: Where people read; None = standard error.
    """
    if as_json:
        return JsonDisplay(sys.stdout)
    stream = stream or sys.stderr
    return TerminalDisplay(stream) if stream.isatty() else PlainDisplay(stream)


class PlainDisplay:
    """Lines for logs and cron mails: what starts, now and then how far, how it ended.

    Args:
        stream: Where the lines go.
        interval: Least seconds between two lines that say how far a stage is.
    """

    def __init__(self, stream: TextIO, interval: float = PLAIN_INTERVAL) -> None:
        self._stream = stream
        self._interval = interval
        self._remaining: RemainingTime | None = None
        self._told = 0.0

    def planned(
        self, job: Job, steps: list[Step], expected: Mapping[str, float], missing: Missing
    ) -> None:
        """Print the plan: every stage, what will be done and why, and how long it will take.

        Args:
            job: What is worked on.
            steps: The plan, every selected stage in order.
            expected: Seconds by stage that will run, in order.
            missing: What the results that are there do not have.
        """
        self._remaining = RemainingTime(expected)
        languages = ", ".join(job.target_languages) or "no translation"
        self._line(f"{job.title}: {clock(job.duration)}, {job.source_language} to {languages}")
        if not expected:
            self._line("Nothing to do: every stage is up to date")
            steps = [step for step in steps if step.edited or step.lesser]
        for step in steps:
            word = "kept" if step.edited else ACTION_WORDS[step.action]
            self._line(f"  {_number(step.stage)} {step.stage:<20} {word}: {step.reason}")
        for line in describe_missing(missing):
            self._line(f"  So far: {line}")
        if expected:
            self._line(f"  It will take {self._remaining.describe()}")

    def started(self, step: Step) -> None:
        """Say that a stage starts.

        Args:
            step: The stage's line of the plan.
        """
        assert self._remaining is not None
        self._remaining.start(step.stage)
        self._told = time.monotonic()
        self._line(f"{_number(step.stage)} {step.stage} … {self._left()}")

    def event(self, event: Event) -> None:
        """Say how far the stage is, at most every few seconds.

        Args:
            event: As it came from the stage; only progress is shown.
        """
        if event["event"] != "progress" or self._remaining is None:
            return
        share = _share(event)
        self._remaining.progress(share)
        if time.monotonic() - self._told >= self._interval:
            self._told = time.monotonic()
            self._line(f"{_number(event['stage'])} {event['stage']} {share:.0%}, {self._left()}")

    def noted(self, text: str) -> None:
        """Print something that is not as it should be.

        Args:
            text: One line.
        """
        self._line(f"   ! {text}")

    def retried(self, result: StageResult, wait: float) -> None:
        """Say that a stage failed and is tried again.

        Args:
            result: The failed attempt.
            wait: Seconds until the next one.
        """
        self._line(f"   ! {result.stage} {result.reason}; tried again in {wait:g} s")

    def ended(self, result: StageResult) -> None:
        """Say how a stage ended; a failure is told by whoever ends the program.

        Args:
            result: What became of the stage.
        """
        if self._remaining is not None:
            worked = result.status == "done" and not result.reused_from
            self._remaining.end(result.seconds if worked else None)
        for warning in result.warnings:
            self._line(f"   ! {warning}")
        mark = {"done": "✓", "skipped": "–", "failed": "✗"}[result.status]
        reason = f": {result.reason}" if result.reason and result.status != "failed" else ""
        took = f"{result.seconds:.1f} s"
        self._line(f"{_number(result.stage)} {result.stage} {mark} {took}{reason}")

    def close(self) -> None:
        """Nothing to leave behind."""

    def _left(self) -> str:
        assert self._remaining is not None
        return f"{self._remaining.describe()} left"

    def _line(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(shown(text).encode(encoding, "replace").decode(encoding) + "\n")
        self._stream.flush()


class TerminalDisplay(PlainDisplay):
    """A live bar for the running stage under the lines of the finished ones."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def started(self, step: Step) -> None:
        """Show the stage's bar.

        Args:
            step: The stage's line of the plan.
        """
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        assert self._remaining is not None
        self._remaining.start(step.stage)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn(f"{_number(step.stage)} {step.stage:<20}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[left]}"),
            console=Console(file=self._stream),
            transient=True,
        )
        self._task = self._bar.add_task(step.stage, total=1.0, left=self._left())
        self._bar.start()

    def event(self, event: Event) -> None:
        """Move the bar.

        Args:
            event: As it came from the stage; only progress is shown.
        """
        if event["event"] != "progress" or self._remaining is None:
            return
        self._remaining.progress(_share(event))
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=_share(event), left=self._left())

    def ended(self, result: StageResult) -> None:
        """Replace the bar by the stage's line.

        Args:
            result: What became of the stage.
        """
        self.close()
        super().ended(result)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _number(stage: str) -> str:
    return f"[{get_stage_number(stage):>2}/{len(STAGE_ORDER)}]"


def _share(event: Event) -> float:
    total = float(event.get("total") or 0.0)
    return min(1.0, float(event.get("done", 0.0)) / total) if total > 0 else 0.0
