#!/usr/bin/env python3
"""
Batch display: what happens to the films of a batch, a line each: for a person or for a program.

Usage:
    from shared.observability.batch_display import BatchTeller

    teller = BatchTeller(as_json=False)
    Treatment(make_display=teller.display, …)
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from shared.core.errors import shown
from shared.pipeline.batch.record import FilmRecord
from shared.pipeline.job.events import Event
from shared.pipeline.job.job import Job
from shared.pipeline.plan.eta import clock
from shared.pipeline.plan.missing import Missing
from shared.pipeline.plan.plan import Step
from shared.pipeline.run.result import StageResult


class BatchTeller:
    """Writes whole lines, whichever thread they come from.

    Args:
        as_json: Whether standard output is for JSON lines; else standard error is for people.
    """

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._turn = threading.Lock()

    def display(self, record: FilmRecord) -> FilmDisplay:
        """Return what is told of a film.

        Args:
            record: Of the film; gets what its stages are expected to take.
        """
        return FilmDisplay(record, self)

    def tell(self, kind: str, record: FilmRecord, words: str, **facts: Any) -> None:
        """Write one line.

        Args:
            kind: Of event.
            record: Of the film.
            words: For a person; '' = nothing.
            facts: For a program.
        """
        if self._as_json:
            event = {"event": kind, "film": record.path, "job": record.job, **facts}
            self._line(sys.stdout, json.dumps(event, default=str))
        elif words:
            self._line(sys.stderr, shown(f"{record.name}: {words}"))

    def remark(self, words: str) -> None:
        """Write one line that is of no film.

        Args:
            words: For a person.
        """
        if self._as_json:
            self._line(sys.stdout, json.dumps({"event": "remark", "words": words}))
        else:
            self._line(sys.stderr, shown(words))

    def _line(self, stream: Any, text: str) -> None:
        with self._turn:
            stream.write(text + "\n")
            stream.flush()


class FilmDisplay:
    """What a run tells of one film of a batch; see Display.

    Args:
        record: Of the film.
        teller: Writes it.
    """

    def __init__(self, record: FilmRecord, teller: BatchTeller) -> None:
        self._record = record
        self._teller = teller

    def planned(
        self, job: Job, steps: list[Step], expected: Mapping[str, float], missing: Missing
    ) -> None:
        """Tell which stages are to be done, and how long they will take.

        Args:
            job: What is worked on.
            steps: The plan, every selected stage in order.
            expected: Seconds by stage that will run, in order.
            missing: What the results that are there do not have.
        """
        self._record.expected_seconds = {name: round(one, 1) for name, one in expected.items()}
        to_do = [step.stage for step in steps if step.is_to_do]
        time = f", about {clock(sum(expected.values()))}" if expected else ""
        words = f"begins, {len(to_do)} of {len(steps)} stages{time}" if to_do else ""
        self._tell("plan", words, stages=to_do, expected_seconds=self._record.expected_seconds)

    def started(self, step: Step) -> None:
        """Tell that a stage is to be done; it waits for its turn.

        Args:
            step: The stage's line of the plan.
        """
        self._tell("start", "", stage=step.stage, reason=step.reason)

    def event(self, event: Event) -> None:
        """Progress stands in the job's events, where the verb status reads it.

        Args:
            event: As it came from the stage.
        """

    def noted(self, text: str) -> None:
        """Tell what is not as it should be.

        Args:
            text: One line.
        """
        self._tell("note", text, text=text)

    def retried(self, result: StageResult, wait: float) -> None:
        """Tell that a stage failed and is tried again.

        Args:
            result: The failed attempt.
            wait: Seconds until the next one.
        """
        words = f"{result.stage} {result.reason}; again in {wait:.0f} s"
        self._tell("retry", words, stage=result.stage, reason=result.reason, wait=wait)

    def ended(self, result: StageResult) -> None:
        """Tell how a stage ended.

        Args:
            result: What became of the stage.
        """
        how = "from the cache" if result.reused_from else f"{result.status}, {result.seconds:.1f} s"
        why = f": {result.reason}" if result.reason else ""
        self._tell("end", f"{result.stage} {how}{why}", **asdict(result))

    def close(self) -> None:
        """Tell how the film ended."""
        record = self._record
        why = f": {record.reason}" if record.reason else ""
        self._tell(
            "result",
            f"{record.state}{why}",
            status=record.state,
            exit_code=record.exit_code,
            reason=record.reason,
            hint=record.hint,
            delivered=record.delivered,
        )

    def _tell(self, kind: str, words: str, **facts: Any) -> None:
        self._teller.tell(kind, self._record, words, **facts)
