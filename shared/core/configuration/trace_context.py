#!/usr/bin/env python3
"""
Trace context: the ids by which logs, events and spans of one job are joined (W3C Trace Context).

A job's trace has the same id in every process and on every machine: it is made of the job's id.
Who starts a run inside of a trace of its own (TRACEPARENT in the environment) keeps that one.
Standard library only.

Usage:
    from shared.core.configuration.trace_context import TraceContext, inherited_context

    run = inherited_context() or TraceContext.of_job(job_id)
    stage = run.child("asr 1")
    stage.traceparent      # what the stage's process finds in TRACEPARENT
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from shared.core.configuration.variables import variable

TRACEPARENT = "TRACEPARENT"
FORM = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
TRACE_DIGITS, SPAN_DIGITS = 32, 16


@dataclass(frozen=True)
class TraceContext:
    """Where in which trace something happens.

    Attributes:
        trace_id: 32 hexadecimal digits.
        span_id: 16 hexadecimal digits; '' in a trace that nothing has begun yet.
        parent_id: The span around it; '' without one.
    """

    trace_id: str
    span_id: str = ""
    parent_id: str = ""

    @classmethod
    def of_job(cls, job_id: str) -> TraceContext:
        """Return the trace of a job, the same wherever it is asked for.

        Args:
            job_id: The job's own.
        """
        return cls(_digest(job_id, TRACE_DIGITS))

    @property
    def traceparent(self) -> str:
        """The header of the W3C's form: version, trace, span, sampled."""
        return f"00-{self.trace_id}-{self.span_id}-01"

    def child(self, name: str) -> TraceContext:
        """Return a span in this one, the same one for the same name.

        Args:
            name: What no other span in this one is called.
        """
        span = _digest(f"{self.trace_id} {self.span_id} {name}", SPAN_DIGITS)
        return TraceContext(self.trace_id, span, self.span_id)


def parse_traceparent(text: str) -> TraceContext | None:
    """Return what a header names, None where it is none.

    Args:
        text: For example '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'.
    """
    found = FORM.fullmatch(text.strip())
    # The standard's version 00 ends after the flags; ids of zeros alone are none.
    if found is None or (found[3] and text.strip().startswith("00")):
        return None
    if not found[1].strip("0") or not found[2].strip("0"):
        return None
    return TraceContext(found[1], found[2])


def inherited_context() -> TraceContext | None:
    """Return the trace in which this process was started, None without one."""
    return parse_traceparent(variable(TRACEPARENT) or "")


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:digits]
