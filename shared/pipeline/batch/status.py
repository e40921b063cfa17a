#!/usr/bin/env python3
"""
Status: how a batch or a job stands, as data, for who looks from another terminal.

What is done is told by the jobs; what waits, and for what, by the batch's own record. A batch whose
process is gone is told so, whatever its record says.

Usage:
    from shared.pipeline.batch.status import batch_status, job_status

    batch_status(folder).films[0].share
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shared.config import load_config
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import detect_hardware
from shared.pipeline.batch.control import is_running
from shared.pipeline.batch.film_run import DISK
from shared.pipeline.batch.needs import ON_ALL_CORES
from shared.pipeline.batch.record import BatchRecord, FilmRecord, read_batch
from shared.pipeline.jobs.listing import JobSummary, last_ending, last_events, show_job
from shared.pipeline.plan.pace import expected_times
from shared.stage_order import get_workflow_stages

RUN = "./run-pipeline.sh"


@dataclass(frozen=True)
class FilmStatus:
    """How a film stands.

    Attributes:
        path: Of the film.
        state: As in batch.json; of a single job, its own.
        reason: Why it was left alone, or what went wrong.
        job: The job directory, None without one.
        stages: Stage to 'done', 'skipped', 'running', 'waiting' or 'to do', in order.
        stage: At work, or waiting for its turn.
        share: How far that stage is, 0 to 1; None where it has not told.
        waits_for: What it waits for; '' where it does not wait.
        seconds_left: How long still, by records and guesses.
        command: What to type next, where something went wrong.
    """

    path: str
    state: str
    reason: str = ""
    job: str | None = None
    stages: Mapping[str, str] = field(default_factory=dict)
    stage: str = ""
    share: float | None = None
    waits_for: str = ""
    seconds_left: float = 0.0
    command: str = ""

    @property
    def done(self) -> int:
        """How many stages have a result."""
        return sum(state in ("done", "skipped") for state in self.stages.values())


@dataclass(frozen=True)
class Status:
    """How a batch stands.

    Attributes:
        folder: Of the batch; None for a single job.
        state: As in batch.json; 'killed' where its process is gone before its end.
        began_at: When it began.
        closed: Why no stage begins now.
        exit_code: Of a batch that has ended.
        films: All that it looked at.
        seconds_left: Of all films.
        command: What to type to go on, where that is to be done.
        watched: Folders, where it goes on for ever.
    """

    folder: Path | None
    state: str
    began_at: str
    films: list[FilmStatus]
    closed: str = ""
    exit_code: int | None = None
    seconds_left: float = 0.0
    command: str = ""
    watched: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing of it runs or waits any more."""
        return self.state not in ("looking", "running", "paused", "stopping")

    def as_data(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        data = asdict(self) | {"folder": str(self.folder) if self.folder is not None else None}
        return {"event": "status", **data}


def batch_status(folder: Path) -> Status:
    """Return how a batch stands.

    Args:
        folder: Of the batch.

    Raises:
        InputError: There is none.
    """
    is_alive = is_running(folder)
    record = read_batch(folder)
    state = record.state if is_alive or record.state == "ended" else "killed"
    films = [_of_film(film, record, is_alive) for film in record.films]
    again = shlex.join([RUN, "watch" if record.watched else "batch", *record.command])
    unfinished = any(film.state in ("interrupted", "not begun") for film in record.films)
    return Status(
        folder=folder,
        state=state,
        began_at=record.created_at,
        films=films,
        closed=record.closed if is_alive else "",
        exit_code=record.exit_code,
        seconds_left=_left_of_all(record) if is_alive else 0.0,
        command=again if state == "killed" or (unfinished and not is_alive) else "",
        watched=tuple(record.watched),
    )


def job_status(job_dir: Path) -> Status:
    """Return how a single job stands.

    Args:
        job_dir: The job directory.
    """
    found = show_job(job_dir)
    job = found.job
    if job is None:
        film = FilmStatus(str(job_dir), found.state, found.problem, str(job_dir))
        return Status(None, found.state, "", [film])
    stages = _stages(found, get_workflow_stages(job.workflow))
    stage, share = _at_work(found)
    config, left = load_config(job_dir), [name for name, one in stages.items() if one == "to do"]
    times = expected_times([*left, *filter(None, [stage])], job, config, EnvironmentManager())
    again = f"{RUN} {job.workflow} {shlex.quote(str(job_dir))}"
    film = FilmStatus(
        path=job.media.path,
        state=found.state,
        reason=found.problem,
        job=str(job_dir),
        stages=stages,
        stage=stage,
        share=share,
        seconds_left=_left(times, stage, share),
        command=again if found.state in ("failed", "partial", "ready") else "",
    )
    return Status(None, found.state, job.created_at, [film], seconds_left=film.seconds_left)


def _of_film(film: FilmRecord, record: BatchRecord, is_alive: bool) -> FilmStatus:
    found = show_job(Path(film.job)) if film.job is not None else None
    state = film.state if is_alive or film.has_ended else "interrupted"
    stages = dict.fromkeys(film.workflow_stages, "to do")
    stage, share, waits_for = "", None, ""
    if found is not None:
        stages = _stages(found, film.workflow_stages)
    if is_alive and film.is_waiting:
        what = film.stage if film.stage == DISK else f"a slot for {film.stage}"
        what += f"; {record.crowded}" if record.crowded and film.stage != DISK else ""
        stage, waits_for = film.stage, record.closed or what
        stages |= {stage: "waiting"} if stage in stages else {}
    elif is_alive and found is not None and film.state == "running":
        stage, share = _at_work(found)
    elif is_alive and film.state == "waiting":
        waits_for = record.closed or "its turn"
    command = ""
    if film.state == "failed" and film.job is not None:
        command = f"{RUN} {record.workflow} {shlex.quote(film.job)}"
    return FilmStatus(
        path=film.path,
        state=state,
        reason=film.reason,
        job=film.job,
        stages=stages,
        stage=stage,
        share=share,
        waits_for=waits_for,
        seconds_left=0.0 if film.has_ended else _left(film.expected_seconds, stage, share),
        command=command,
    )


def _stages(found: JobSummary, wanted: list[str]) -> dict[str, str]:
    stages = {stage: found.stages.get(stage, "to do") for stage in wanted}
    stage, _ = _at_work(found)
    return stages | ({stage: "running"} if stage in stages else {})


def _at_work(found: JobSummary) -> tuple[str, float | None]:
    """Return the stage at work and how far it is, by the job's own events; '' where none is."""
    last = last_ending(found.job_dir)
    if not found.lock.is_held or last.get("event") != "start":
        return "", None
    stage = str(last["stage"])
    for event in last_events(found.job_dir):
        if event["event"] == "progress" and event.get("stage") == stage:
            total = float(event.get("total") or 0.0)
            done = float(event.get("done") or 0.0)
            return stage, min(1.0, max(0.0, done / total)) if total > 0 else None
        if event["event"] == "start":
            break
    return stage, None


def _left(expected: Mapping[str, float], stage: str, share: float | None) -> float:
    """Return the seconds that stages will still take, the one at work by its share."""
    left = sum(expected.values()) - expected.get(stage, 0.0) * (share or 0.0)
    return round(max(0.0, left), 1)


def _left_of_all(record: BatchRecord) -> float:
    """Return the seconds that all films will still take, side by side.

    What computes on all cores has the machine for itself; the rest shares it.
    """
    cores = detect_hardware().cpu_count
    films = [film.expected_seconds for film in record.films if not film.has_ended]
    work = sum(
        seconds / (1 if stage in ON_ALL_CORES else cores)
        for expected in films
        for stage, seconds in expected.items()
    )
    longest = max((sum(expected.values()) for expected in films), default=0.0)
    return round(max(work, longest), 1)
