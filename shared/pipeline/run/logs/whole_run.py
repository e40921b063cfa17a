#!/usr/bin/env python3
"""
Whole run: the events that tell of a run as a whole, around those of its stages.

    {"event": "run", "job_id": …, "workflow": …, "media_seconds": …, "trace_id": …, "span_id": …}
    {"event": "ran", "exit_code": 0, "began": …, "seconds": …}

Usage:
    from shared.pipeline.run.logs.whole_run import told_as_run

    with told_as_run(events, job, trace, report): ...
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from shared.core.configuration.trace_context import TraceContext, inherited_context
from shared.core.errors import EXIT_FAILURE, EXIT_INTERRUPTED, PipelineError
from shared.pipeline.job.job import Job
from shared.pipeline.run.logs.event_file import EventFile
from shared.pipeline.run.report import RunReport


def trace_of_run(job_id: str) -> TraceContext:
    """Return a new span for a run: in the trace that it was started in, else in its job's.

    Args:
        job_id: The job's own.
    """
    around = inherited_context() or TraceContext.of_job(job_id)
    return around.child(secrets.token_hex(8))


@contextmanager
def told_as_run(
    events: EventFile, job: Job, trace: TraceContext, report: RunReport
) -> Iterator[None]:
    """Tell that a run begins, and how it ended, whatever ends it.

    Args:
        events: The job's.
        job: What is worked on.
        trace: The run's own span.
        report: Has the exit code of a run that came to its end.
    """
    ids = {"trace_id": trace.trace_id, "span_id": trace.span_id, "parent_id": trace.parent_id}
    about = {"workflow": job.workflow, "media_seconds": job.duration}
    events.record({"event": "run", "job_id": job.job_id, **about, **ids})
    began, started = time.time(), time.monotonic()
    code = EXIT_FAILURE
    try:
        yield
        code = report.exit_code
    except PipelineError as error:
        code = error.exit_code
        raise
    except KeyboardInterrupt:  # InterruptedRun, too
        code = EXIT_INTERRUPTED
        raise
    finally:
        seconds = time.monotonic() - started
        events.record({"event": "ran", "exit_code": code, "began": began, "seconds": seconds})
