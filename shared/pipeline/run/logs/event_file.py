#!/usr/bin/env python3
"""
Event file: the events of a run, appended to the job's `events.jsonl`.

Usage:
    from shared.pipeline.run.logs.event_file import EventFile

    with EventFile(job_dir) as events:
        events.record({"event": "start", "stage": "asr"})
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import TracebackType

from shared.pipeline.job.events import EVENTS_FILE, LONE, Event
from shared.pipeline.run.logs.patient_file import PatientFile


class EventFile:
    """Appends events as lines of JSON; what a full disk does not take is lost.

    Args:
        job_dir: The job directory.
    """

    def __init__(self, job_dir: Path) -> None:
        self._file = PatientFile(job_dir / EVENTS_FILE)

    def __enter__(self) -> EventFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def record(self, event: Event) -> None:
        """Append an event; one write, so that a kill leaves at most one cut line at the end.

        Args:
            event: JSON-able facts; time and process id are added.
        """
        facts = {"time": round(time.time(), 3), "pid": os.getpid(), **event}
        line = json.dumps(facts, ensure_ascii=False, default=str) + "\n"
        self._file.write(line.encode("utf-8", LONE))
