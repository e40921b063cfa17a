#!/usr/bin/env python3
"""
Cause: why a stage failed, out of what it printed, when it did not say so itself.

Usage:
    from shared.pipeline.run.logs.cause import find_cause

    find_cause(b"... ERROR    [cp.asr] Input file not found: x.wav\\n")  # 'Input file not found: …'
"""

from __future__ import annotations

import json
import re

# As TEXT_FORMAT in shared/logger.py writes them.
LOGGED = re.compile(r"^\S+ \S+ (?:ERROR|CRITICAL) +\[[^\]]*\] (?P<message>.*)$")
LEVELS = frozenset({"ERROR", "CRITICAL"})
# Lines of standards 4.1 and 5.2 that tell no cause; a better one may stand before them.
EMPTY = re.compile(r"^(Traceback:|✗ Stage failed$|\s*Hint:)")
RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Interrupt|Exit)\b")
LONGEST = 300


def find_cause(printed: bytes) -> str:
    """Return the most telling line of what a failed stage printed, '' when it printed nothing.

    Args:
        printed: The end of its output: log lines as text or JSON, tracebacks, anything.

    Returns:
        The last error that it logged, else the last error that was raised, else the last line.
    """
    lines = [line for line in printed.decode("utf-8", "replace").splitlines() if line.strip()]
    logged = [message for message in map(_logged, lines) if message]
    telling = [message for message in logged if not EMPTY.match(message)]
    raised = [line for line in lines if RAISED.match(line)]
    best = (telling or raised or logged or lines or [""])[-1]
    return " ".join(best.split())[:LONGEST]


def _logged(line: str) -> str:
    """Return the message of a logged error, '' of any other line."""
    match = LOGGED.match(line)
    if match is not None:
        return match["message"]
    if not line.startswith("{"):
        return ""
    try:
        record = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(record, dict) or record.get("levelname") not in LEVELS:
        return ""
    return str(record.get("message", "")).partition("\n")[0]
