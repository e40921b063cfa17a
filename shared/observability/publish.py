#!/usr/bin/env python3
"""
Publish: what a run did, told to monitors when it has ended, from its own events: metrics, traces.

Nothing of it can make a run fail: what goes wrong is a line on standard error.

Usage:
    from shared.observability.publish import published

    with published(job_dir, config):
        run_job(...)
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.core.errors import PipelineError, shown
from shared.core.settings import PipelineConfig
from shared.observability.traces.export import receiver, send_spans
from shared.pipeline.job.events import EVENTS_FILE, Event, parse_event
from shared.pipeline.job.job import output_root

INSTRUMENTS = "shared.observability.metrics.instruments"
# A run that has nothing to do ends sooner, and counts nothing.
EARLY_SECONDS = 0.5


@contextmanager
def published(job_dir: Path, config: PipelineConfig) -> Iterator[None]:
    """Publish metrics and traces of what this process does to a job meanwhile.

    Args:
        job_dir: The job directory.
        config: Where they go.
    """
    address = receiver(config)
    if not config.metrics_file and not address:
        yield
        return
    begin = _size(job_dir)
    # While stages are at work this process waits for them: what takes 50 ms to import comes then.
    early = threading.Timer(EARLY_SECONDS, importlib.import_module, [INSTRUMENTS])
    early.daemon = True
    if config.metrics_file:
        early.start()
    try:
        yield
    finally:
        early.cancel()
        events = list(events_since(job_dir, begin))
        if any(event["event"] == "run" for event in events):
            if config.metrics_file:
                _bear("metrics", lambda: write_metrics(config, events))
            if address:
                _bear("traces", lambda: send_spans(address, events))


def events_since(job_dir: Path, begin: int) -> Iterator[Event]:
    """Yield the events that this process has recorded of a job.

    Args:
        job_dir: The job directory.
        begin: The size of its event stream before, in bytes.
    """
    with suppress(OSError), (job_dir / EVENTS_FILE).open("rb") as stream:
        stream.seek(begin)
        for event in filter(None, map(parse_event, stream)):
            if event.get("pid") == os.getpid():
                yield event


def _bear(what: str, publish: Callable[[], None]) -> None:
    """Publish, and tell in a line why that was not possible."""
    try:
        publish()
    except PipelineError as error:
        _tell(f"No {what}: {error.cause}")
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _tell(f"No {what}: {place}{error.strerror or type(error).__name__}")


def write_metrics(config: PipelineConfig, events: list[Event]) -> None:
    """Add what a run did to METRICS_FILE.

    Args:
        config: METRICS_FILE, and where the jobs are that run now.
        events: What the run recorded.

    Raises:
        PipelineError: The file is another program's, or held.
        OSError: It cannot be written.
    """
    # Here: a run that nobody watches must not pay for them.
    from shared.observability.metrics.instruments import Instruments
    from shared.observability.metrics.tally import Tally
    from shared.observability.metrics.textfile import add_to_textfile, textfile
    from shared.pipeline.plan.space import jobs_at_work

    instruments = Instruments()
    tally = Tally(instruments)
    for event in events:
        tally.count(event)
    instruments.active_jobs.set(len(jobs_at_work(output_root(config))))
    add_to_textfile(textfile(config.metrics_file), instruments.registry)


def _tell(line: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"warning: {shown(line)}\n")


def _size(job_dir: Path) -> int:
    try:
        return (job_dir / EVENTS_FILE).stat().st_size
    except OSError:
        return 0
