#!/usr/bin/env python3
"""
Live: how jobs and batches stand, looked at again and again for all browsers at once.

Usage:
    from shared.desk.live import Overview, stream, told

    Overview(root).look()     # {"jobs": […], "batches": […]}
"""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.desk.batches import batch_id, status_of
from shared.desk.jobs import job_id, job_places
from shared.pipeline.batch.control import find_batches
from shared.pipeline.batch.films.finding import state_of
from shared.pipeline.batch.record import BATCH_FILE
from shared.pipeline.batch.status import job_status
from shared.pipeline.job.checkpoint import CHECKPOINT_DIR
from shared.pipeline.job.events import EVENTS_FILE
from shared.pipeline.job.job import JOB_FILE
from shared.pipeline.job.lock import lock_state
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.jobs.listing import show_job

if TYPE_CHECKING:
    from starlette.responses import Response

LOOK_SECONDS = 1.0
# Browsers share a look that is not older, in seconds.
KEPT_SECONDS = 0.5
MOST_BATCHES = 20
# Of a log, the end; what is added between two looks is less.
TAIL_BYTES = 64 << 10
RUN_LOGS = "99_pipeline"


class Overview:
    """How all jobs and batches stand; what has not changed on the disk is not read again.

    Args:
        root: The output folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._turn = threading.Lock()
        self._known: dict[Path, tuple[tuple[Any, ...], dict[str, Any]]] = {}
        self._last: dict[str, Any] = {}
        self._until = 0.0

    def look(self) -> dict[str, Any]:
        """Return the rows of all jobs, the newest first, and of the latest batches."""
        with self._turn:
            if time.monotonic() >= self._until:
                jobs = [self._row(name, path) for name, path in job_places(self._root).items()]
                jobs.sort(key=lambda row: (row["created"], row["place"]), reverse=True)
                batches = find_batches(self._root)[:MOST_BATCHES]
                self._last = {"jobs": jobs, "batches": [self._batch(one) for one in batches]}
                self._until = time.monotonic() + KEPT_SECONDS
            return self._last

    def _row(self, name: str, job_dir: Path) -> dict[str, Any]:
        lock = lock_state(job_dir)
        watched = (job_dir / one for one in (JOB_FILE, CHECKPOINT_DIR, EVENTS_FILE))
        seen = (lock.is_held, *map(state_of, watched))
        known = self._known.get(job_dir)
        if known is None or known[0] != seen:
            known = self._known[job_dir] = (seen, _job_row(name, job_dir))
        return known[1]

    def _batch(self, folder: Path) -> dict[str, Any]:
        seen = (state_of(folder / BATCH_FILE),)
        known = self._known.get(folder)
        if known is None or known[0] != seen or not known[1]["is_over"]:
            known = self._known[folder] = (seen, _batch_row(self._root, folder))
        return known[1]


def job_view(job_dir: Path) -> dict[str, Any]:
    """Return how one job stands, stage by stage.

    Args:
        job_dir: The job directory.
    """
    status = job_status(job_dir)
    film = status.films[0]
    return {
        "state": status.state,
        "reason": film.reason,
        "stages": dict(film.stages),
        "stage": film.stage,
        "share": film.share,
        "seconds_left": film.seconds_left,
    }


def _job_row(name: str, job_dir: Path) -> dict[str, Any]:
    found = show_job(job_dir)
    job = found.job
    stage, share = "", None
    if found.state == "running":
        film = job_status(job_dir).films[0]
        stage, share = film.stage, film.share
    return {
        "id": name,
        "title": job.title if job else job_dir.name,
        "year": job.year if job else None,
        "place": "/".join(job_dir.parts[-5:]),
        "created": job.created_at if job else "",
        "languages": [job.source_language, *job.target_languages] if job else [],
        "state": found.state,
        "problem": found.problem,
        "done": len(found.stages),
        "next": found.next_stage or "",
        "stage": stage,
        "share": share,
    }


def _batch_row(root: Path, folder: Path) -> dict[str, Any]:
    status = status_of(folder)
    counts: dict[str, int] = {}
    for film in status.films:
        counts[film.state] = counts.get(film.state, 0) + 1
    return {
        "id": batch_id(root, folder),
        "place": os.path.relpath(folder, root),
        "state": status.state,
        "is_over": status.is_over,
        "began": status.began_at,
        "films": len(status.films),
        "counts": counts,
        "seconds_left": status.seconds_left,
        "jobs": [job_id(root, Path(film.job)) for film in status.films if film.job],
    }


def log_names(job_dir: Path) -> list[str]:
    """Return the logs of a job: the latest run's first, then those of the stages.

    Args:
        job_dir: The job directory.
    """
    folder = job_dir / LOGS_DIR
    names = [path.name for path in folder.glob("*.log") if path.is_file() and not path.is_symlink()]
    runs = sorted((name for name in names if name.startswith(RUN_LOGS)), reverse=True)
    return [*runs, *sorted(name for name in names if not name.startswith(RUN_LOGS))]


@dataclass
class LogTail:
    """The end of a log as it grows.

    Attributes:
        path: The log; what a link leads to is none.
        inode: Of the file that was read last.
        offset: Up to where it was read.
    """

    path: Path
    inode: int = 0
    offset: int = 0

    def read(self) -> Iterator[str]:
        """Yield what has come since the last look, '' once where another file begins."""
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(self.path, flags)
        except OSError:
            return
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            return
        with os.fdopen(descriptor, "rb") as stream:
            if found.st_ino != self.inode or found.st_size < self.offset:
                self.inode, self.offset = found.st_ino, max(0, found.st_size - TAIL_BYTES)
                yield ""
            stream.seek(max(self.offset, found.st_size - TAIL_BYTES))
            block = stream.read(TAIL_BYTES)
            whole = block[: block.rfind(b"\n") + 1]  # the rest of a line comes later
            self.offset = stream.tell() - len(block) + len(whole)
            if whole:
                yield whole.decode("utf-8", "replace")


async def told(
    look: Callable[[], dict[str, Any]], job_dir: Path | None = None, wanted: str = ""
) -> AsyncIterator[bytes]:
    """Yield what is seen as server-sent events, each time it has changed, and the log of a job.

    Args:
        look: Returns what is seen.
        job_dir: The job whose log is told, too; None = none.
        wanted: The name of that log; where the job has none of it, that of the latest run.
    """
    import anyio
    from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
    from starlette.concurrency import run_in_threadpool

    last, tail = "", LogTail(Path())
    while True:
        seen = json.dumps(await run_in_threadpool(look), ensure_ascii=True)
        if seen != last:
            last = seen
            yield format_sse_event(event="state", data_str=seen)
        if job_dir is not None:
            tail = await run_in_threadpool(_current, tail, job_dir, wanted)
            for text in await run_in_threadpool(lambda: list(tail.read())):
                line = json.dumps({"name": tail.path.name, "text": text}, ensure_ascii=True)
                yield format_sse_event(event="log", data_str=line)
        await anyio.sleep(LOOK_SECONDS)
        yield KEEPALIVE_COMMENT  # who has gone is noticed by it


def stream(events: AsyncIterator[bytes]) -> Response:
    """Return events as an answer that goes on.

    Args:
        events: As told yields them.
    """
    from fastapi.sse import EventSourceResponse

    return EventSourceResponse(events, headers={"x-accel-buffering": "no"})


def _current(tail: LogTail, job_dir: Path, wanted: str) -> LogTail:
    """Return the log to follow: the one that is wanted, where the job has it, else the latest."""
    names = log_names(job_dir)
    name = wanted if wanted in names else next(iter(names), "")
    path = job_dir / LOGS_DIR / name
    return tail if not name or tail.path == path else LogTail(path)
