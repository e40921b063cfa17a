#!/usr/bin/env python3
"""
Listing: the jobs below an output folder, as data; nothing is changed, mended or locked.

Usage:
    from shared.pipeline.jobs.listing import find_jobs, list_jobs, show_job

    for job in list_jobs(output_root(config)): ...
    find_jobs(root, "harbour lights")
    show_job(job_dir).state                 # 'done'
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from shared.core.errors import InputError, first_fault, one_line
from shared.core.files import matching, read_json
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.events import EVENTS_FILE, Event, parse_event
from shared.pipeline.job.job import JOB_FILE, Job
from shared.pipeline.job.lock import LockState, lock_state
from shared.pipeline.job.places import check_places
from shared.stage_order import get_workflow_stages

JobState = Literal["ready", "running", "partial", "failed", "done", "broken"]
# YYYY/MM/DD/<user>/<N>
PLACES = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]/*/[0-9]*"
TAIL_BYTES = 64 << 10


@dataclass(frozen=True)
class JobSummary:
    """How a job stands.

    Attributes:
        job_dir: The job directory.
        state: 'ready' before its first stage, 'running' while a run or what it left lives, 'done'
            when every stage of its workflow is, 'failed' when its last run ended with a stage that
            failed, 'partial' otherwise, 'broken' when its job.json cannot be used.
        job: What was prepared; None for a broken one.
        problem: Why it is broken or failed, one line.
        stages: 'done' or 'skipped' by stage of the workflow, in order; those to come are missing.
        lock: Whether a run holds it, and which.
    """

    job_dir: Path
    state: JobState
    job: Job | None = None
    problem: str = ""
    stages: dict[str, str] = field(default_factory=dict)
    lock: LockState = LockState()

    @property
    def next_stage(self) -> str | None:
        """The first stage of the workflow that has no result, None when all have."""
        stages = get_workflow_stages(self.job.workflow) if self.job is not None else []
        return next((stage for stage in stages if stage not in self.stages), None)

    def as_data(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        job = self.job.model_dump(mode="json") if self.job is not None else None
        return {
            "job_dir": str(self.job_dir),
            "state": self.state,
            "problem": self.problem,
            "stages": self.stages,
            "next_stage": self.next_stage,
            "lock": self.lock.as_data(),
            "job": job,
        }


def list_jobs(output_root: Path) -> list[JobSummary]:
    """Return every job below an output folder, the newest first.

    Args:
        output_root: Where jobs of all dates and users lie; need not exist.
    """
    places = [path for path in matching(output_root, PLACES) if _is_job(path)]
    found = [show_job(path) for path in places]
    return sorted(found, key=lambda one: (_created(one), _place(one.job_dir)), reverse=True)


def find_jobs(output_root: Path, words: str) -> list[JobSummary]:
    """Return the jobs whose title, year, film, user or id holds every word, the newest first.

    Args:
        output_root: Where jobs of all dates and users lie.
        words: Looked for without regard to upper and lower case.
    """
    wanted = words.casefold().split()
    return [
        one
        for one in list_jobs(output_root)
        if all(word in _described(one).casefold() for word in wanted)
    ]


def show_job(job_dir: Path, lock: LockState | None = None) -> JobSummary:
    """Return how a job stands.

    Args:
        job_dir: The job directory.
        lock: Whether a run holds it, and which; None = look.
    """
    lock = lock_state(job_dir) if lock is None else lock
    try:
        check_places(job_dir)
        job = Job.model_validate(read_json(job_dir / JOB_FILE))
    except (OSError, InputError, ValidationError) as error:
        return JobSummary(job_dir, "broken", problem=_problem(error), lock=lock)
    checkpoints = CheckpointManager(job_dir, job.job_id, only_looks=True)
    records = {stage: checkpoints.load_record(stage) for stage in get_workflow_stages(job.workflow)}
    stages: dict[str, str] = {stage: one.status for stage, one in records.items() if one}
    state, problem = _state(job_dir, lock, len(stages), len(records))
    return JobSummary(job_dir, state, job, problem, stages, lock)


def _state(job_dir: Path, lock: LockState, done: int, wanted: int) -> tuple[JobState, str]:
    if lock.is_held:
        return "running", ""
    if done == wanted:
        return "done", ""
    last = last_ending(job_dir)
    if last.get("event") == "end" and last.get("status") == "failed":
        return "failed", f"{last.get('stage')}: {last.get('reason')}"
    return ("partial" if done or last else "ready"), ""


def last_ending(job_dir: Path) -> Event:
    """Return the last event that tells of a stage's start or end, an empty one where none does.

    Args:
        job_dir: The job directory.
    """
    return next((e for e in last_events(job_dir) if e["event"] in {"start", "end"}), {})


def last_events(job_dir: Path) -> Iterator[Event]:
    """Yield the latest events of a job, the last one first.

    Args:
        job_dir: The job directory.
    """
    with suppress(OSError), (job_dir / EVENTS_FILE).open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - TAIL_BYTES))
        yield from filter(None, map(parse_event, reversed(stream.read().split(b"\n"))))


def _is_job(path: Path) -> bool:
    return (
        path.name.isascii()
        and path.name.isdigit()
        and not path.is_symlink()
        and (path / JOB_FILE).is_file()
    )


def _created(one: JobSummary) -> str:
    """Return when a job was made; a broken one by the date that its place names."""
    return one.job.created_at if one.job else "-".join(one.job_dir.parts[-5:-2])


def _place(job_dir: Path) -> tuple[str, int]:
    return str(job_dir.parent), int(job_dir.name)


def _described(one: JobSummary) -> str:
    if one.job is None:
        return str(one.job_dir)
    job = one.job
    return f"{job.title} {job.year or ''} {Path(job.media.path).name} {job.user} {job.job_id}"


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"{JOB_FILE}: {first_fault(error)}"
    return one_line(str(error))
