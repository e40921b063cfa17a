#!/usr/bin/env python3
"""
JSON output: what a stage prints, as lines of JSON with the job's id, for log collectors.

Our loggers write such lines themselves. Libraries, ffmpeg and native code print what they like:
each of their lines becomes the message of one.

Usage:
    from shared.pipeline.run.logs.json_output import JsonOutput

    form = JsonOutput("asr", job_id)
    log.write(form.feed(block, is_last=not block))
"""

from __future__ import annotations

import json
import logging

from shared.core.configuration.trace_context import TraceContext
from shared.logger import JSON, make_formatter

# How a line of our own loggers begins.
OURS = b'{"asctime": '
LONGEST_LINE = 1 << 20


class JsonOutput:
    """Makes lines of JSON from a stream of bytes.

    Args:
        stage: The stage that prints them.
        job_id: The id that each line carries.
        trace: The span of which it tells the ids, too; None without one.
    """

    def __init__(self, stage: str, job_id: str, trace: TraceContext | None = None) -> None:
        self._facts = {"name": f"cp.{stage}.output", "correlation_id": job_id}
        if trace is not None:
            self._facts |= {"trace_id": trace.trace_id, "span_id": trace.span_id}
        self._formatter = make_formatter(JSON)
        self._pending = b""

    def feed(self, block: bytes, is_last: bool = False) -> bytes:
        """Return the whole lines that are there now.

        Args:
            block: What came.
            is_last: Whether nothing will come after it.
        """
        *lines, self._pending = (self._pending + block).split(b"\n")
        while is_last and self._pending or len(self._pending) > LONGEST_LINE:
            lines.append(self._pending[:LONGEST_LINE])
            self._pending = self._pending[LONGEST_LINE:]
        return b"".join(map(self.line, lines))

    def line(self, text: bytes) -> bytes:
        """Return one line of JSON, b"" for an empty one.

        Args:
            text: A line of ours, or anything else.
        """
        if text.startswith(OURS) and _is_json(text):
            return text + b"\n"
        message = text.decode("utf-8", "replace").strip()
        if not message:
            return b""
        facts = {"levelno": logging.INFO, "levelname": "INFO", "msg": message}
        record = logging.makeLogRecord(facts | self._facts)
        return self._formatter.format(record).encode("utf-8") + b"\n"

    @staticmethod
    def cut(lines: bytes, size: int) -> bytes:
        """Return the first lines that fit a size, whole.

        Args:
            lines: What feed returned.
            size: Bytes.
        """
        return lines[: lines.rfind(b"\n", 0, size) + 1]


def _is_json(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
