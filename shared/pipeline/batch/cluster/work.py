#!/usr/bin/env python3
"""
Work: an order done on a worker: its files fetched, its stage run by run_attempt, its outputs sent.

Usage:
    from shared.pipeline.batch.cluster.work import Place, do_order

    do_order(address, token, Place(folder, trust, "worker-1"))
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from shared.core.configuration.layers import SETTINGS_VARIABLE
from shared.core.configuration.variables import PREFIX
from shared.core.errors import InterruptedRun, PipelineError
from shared.environment_manager import EnvironmentManager
from shared.pipeline.batch.cluster.depot import GoneError
from shared.pipeline.batch.cluster.link import Link
from shared.pipeline.batch.cluster.order import Ending, Order, outputs_of
from shared.pipeline.batch.cluster.trust import Trust
from shared.pipeline.cache.contents import Contents
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.plan.budgets import Work
from shared.pipeline.run.attempt import Attempt, run_attempt
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.stage.command import stage_log
from shared.stage_order import get_stage_dir

CONTENTS, JOBS, LOCK = "contents", "jobs", ".lock"
BEAT_SECONDS = 2.0
LOG_TAIL = 256 << 10


@dataclass(frozen=True)
class Place:
    """Where a worker works.

    Attributes:
        folder: Its own: the content store, and a folder for each attempt.
        trust: Its certificates.
        name: What it is called.
        variables: What its attempts find in their environment: which GPU is theirs.
    """

    folder: Path
    trust: Trust
    name: str
    variables: tuple[tuple[str, str], ...] = ()


def do_order(address: str, token: str, place: Place) -> None:
    """Do an order; how it ended is told to the depot, whatever went wrong.

    Args:
        address: Of the depot.
        token: Of the order.
        place: Where.
    """
    link = Link(address, token, place.trust)
    with suppress(GoneError):  # it is another's now, and nobody waits for an answer
        order = link.take(place.name)
        job_dir = place.folder / JOBS / token
        try:
            with _beats(link) as (stop, tell):
                ending = _done(order, link, place, job_dir, stop, tell)
            link.end(ending)
        finally:
            shutil.rmtree(job_dir, ignore_errors=True)


def _done(
    order: Order,
    link: Link,
    place: Place,
    job_dir: Path,
    stop: Stop,
    tell: Callable[[dict[str, Any]], None],
) -> Ending:
    try:
        _bring(order, link, Contents(place.folder / CONTENTS), job_dir, stop)
        result = _run(order, place, job_dir, stop, tell)
    except InterruptedRun as error:
        return Ending(epoch=order.epoch, kind="interrupted", cause=error.cause)
    except (PipelineError, OSError) as error:
        cause = error.cause if isinstance(error, PipelineError) else str(error)
        return Ending(epoch=order.epoch, kind="broken", cause=cause)
    record = None
    if result.status != "failed":
        record = CheckpointManager(job_dir).load_record(order.stage)
    for name, output in outputs_of(record).items():
        stop.check()
        link.send(job_dir / get_stage_dir(order.stage) / name, output.sha256)
    log = stage_log(job_dir, order.stage)
    printed = log.read_bytes()[-LOG_TAIL:].decode("utf-8", "replace") if log.is_file() else ""
    return Ending(
        epoch=order.epoch, kind="ended", result=asdict(result), record=record, log=printed
    )


def _bring(order: Order, link: Link, contents: Contents, job_dir: Path, stop: Stop) -> None:
    """Have the files of the job here as they are at home; what this worker has is not fetched."""
    (job_dir / LOGS_DIR).mkdir(parents=True, mode=0o700)
    with contents.locked(fcntl.LOCK_SH):
        for name, file in order.files.items():
            stop.check()
            if not contents.is_whole(file.sha256):
                draft = contents.draft(file.sha256)
                link.fetch(file.sha256, draft)
                contents.keep(draft, OutputFile.of(draft, file.sha256))
                draft.unlink(missing_ok=True)
            contents.give(file.sha256, job_dir / name)


def _run(
    order: Order,
    place: Place,
    job_dir: Path,
    stop: Stop,
    tell: Callable[[dict[str, Any]], None],
) -> Any:
    environments = EnvironmentManager()
    secrets = tuple((PREFIX + name, value) for name, value in order.secrets.items())
    settings = (SETTINGS_VARIABLE, json.dumps(order.settings))
    attempt = Attempt(
        job_dir=job_dir,
        stage=order.stage,
        python=environments.python(order.environment),
        environment=order.environment,
        environment_lock=environments.lock_digest(order.environment),
        timeout=order.timeout,
        grace=order.grace,
        log_max_mb=order.log_max_mb,
        number=order.number,
        rung=order.rung,
        failed_rungs=tuple(order.failed_rungs),
        memory_mb=order.memory_mb,
        job_id=order.job_id,
        stall=order.stall,
        work=Work(minutes=order.minutes, device=order.device, languages=order.languages),
        log_format=order.log_format,
        variables=(settings, *secrets, *place.variables),
    )
    lock = os.open(job_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return run_attempt(attempt, lock, tell, stop)
    finally:
        os.close(lock)


@contextmanager
def _beats(link: Link) -> Iterator[tuple[Stop, Callable[[dict[str, Any]], None]]]:
    """Tell the depot every two seconds that this is worked on, with what the stage has told."""
    stop, over, waiting = Stop(), threading.Event(), threading.Lock()
    events: list[dict[str, Any]] = []

    def tell(event: dict[str, Any]) -> None:
        with waiting:
            if events and events[-1]["event"] == event["event"] == "progress":
                events.pop()
            events.append(event)

    def beat() -> None:
        asked = 0
        while not over.wait(BEAT_SECONDS):
            with waiting:
                told = events.copy()
                events.clear()
            try:
                causes = link.tell(told)
            except GoneError:
                stop.ask("The order is another worker's now")
                return
            except (OSError, ValueError, HTTPException):
                with waiting:
                    events[:0] = told
                continue  # the link is broken: the work goes on
            for cause in causes[asked:]:
                stop.ask(cause)
            asked = max(asked, len(causes))

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield stop, tell
    finally:
        over.set()
        thread.join()
