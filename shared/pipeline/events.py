#!/usr/bin/env python3
"""
Events: the one stream of facts about a run, JSON lines from the stages to everything that shows it.

A stage writes events to an inherited pipe; the orchestrator appends them to `events.jsonl` and
hands them to whatever displays progress.

Usage:
    from shared.pipeline.events import EventWriter

    EventWriter(descriptor).write("progress", stage="asr", done=12.0, total=60.0, unit="s")
"""

from __future__ import annotations

import json
import os
from typing import Any

Event = dict[str, Any]


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
        data = line.encode("utf-8")
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
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
