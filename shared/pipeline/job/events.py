#!/usr/bin/env python3
"""
Events: the one stream of facts about a run, JSON lines from the stages to everything that shows it.

A stage writes events to an inherited pipe; the orchestrator appends them to `events.jsonl` and
hands them to whatever displays progress.

Usage:
    from shared.pipeline.job.events import EventWriter

    EventWriter(descriptor).write("progress", stage="asr", done=12.0, total=60.0, unit="s")
"""

from __future__ import annotations

import json
import os
from sys import float_info
from typing import Any

Event = dict[str, Any]
EVENTS_FILE = "events.jsonl"
# Half a character, as names that are not UTF-8 give it, becomes the escape that JSON has for it.
LONE = "backslashreplace"


class EventWriter:
    """Writes events to a file descriptor; without one they go nowhere.

    Args:
        descriptor: Write end of a pipe, or None.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def write(self, kind: str, **fields: Any) -> None:
        """Write one event as one line.

        Args:
            kind: 'progress' or 'result'.
            fields: JSON-able facts.
        """
        if self._descriptor is None:
            return
        line = json.dumps({"event": kind, **fields}, ensure_ascii=False, default=str) + "\n"
        data = line.encode("utf-8", LONE)
        while data:
            data = data[os.write(self._descriptor, data) :]


def parse_event(line: bytes) -> Event | None:
    """Parse one line of the pipe.

    Args:
        line: Bytes without the line feed.

    Returns:
        The event, None when the line is not one (a library may have written to the pipe).
    """
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return None
    return event if event["event"] != "progress" or _is_progress(event) else None


def _is_progress(event: Event) -> bool:
    """Return whether the figures of an event are numbers that everything can reckon with."""
    figures = (event.get("done", 0), event.get("total", 0))
    return all(isinstance(one, int | float) and abs(one) <= float_info.max for one in figures)
