#!/usr/bin/env python3
"""
Target: the job that a command line names, or that is prepared from the film that it names.

Usage:
    from shared.pipeline.prepare.target import find_target

    target = find_target(arguments, selection, "film.mkv")
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.config import use_settings
from shared.core.errors import InputError, shown
from shared.pipeline.job.job import Job, load_job
from shared.pipeline.job.lock import RunningJobError, lock_state
from shared.pipeline.jobs.delivery import BESIDE
from shared.pipeline.jobs.listing import show_job
from shared.pipeline.plan.selection import Selection, selected_stages
from shared.pipeline.prepare.films import refuse_empty
from shared.pipeline.prepare.options import JOB_OPTIONS, parse_settings, request_from
from shared.stage_order import STAGE_ORDER


@dataclass(frozen=True)
class Target:
    """What a run works on.

    Attributes:
        job_dir: The job directory; None for a plan of a film that has no job.
        changes: What is to be written into its job.json, field to value.
        job: The job that a film without one would get, where only its plan is wanted.
    """

    job_dir: Path | None
    changes: Mapping[str, Any] = field(default_factory=dict)
    job: Job | None = None

    def planned(self) -> Job:
        """Return the job that a film without one would get."""
        assert self.job is not None
        return self.job


def find_target(arguments: argparse.Namespace, selection: Selection, name: str) -> Target:
    """Return the job to run: the one that is named, or that of a film, which is made if need be.

    Args:
        arguments: What run_parser parsed.
        selection: Which stages were asked for.
        name: A job directory or a film.

    Raises:
        InputError: Neither a film nor a job, options that fit neither, or stages that cannot be
            run.
        RunningJobError: The film's job is being run.
    """
    stages = selected_stages(arguments.workflow, selection)
    named = Path(name).expanduser()
    refuse_empty(name)
    if named.is_dir():
        return _prepared(arguments, named)
    return _of_film(arguments, named, stages)


def _prepared(arguments: argparse.Namespace, job_dir: Path) -> Target:
    """Return a prepared job with what the options change in it."""
    job = load_job(job_dir)
    late = {"--new": arguments.new, "--user": arguments.user, "--subtitles": arguments.subtitles}
    if option := next((name for name, value in late.items() if value), ""):
        raise InputError(
            f"{job_dir} is prepared already: {option} comes too late",
            hint=f"./run-pipeline.sh {arguments.workflow} FILE {option} …",
        )
    use_settings(parse_settings(arguments.settings or []))
    if not [option for option in given_options(arguments) if option != "--set"]:
        return Target(job_dir.resolve())
    from shared.pipeline.prepare.changes import changes_of, told_changes

    changes = changes_of(job_dir.resolve(), job, arguments)
    for line in told_changes(job, changes):
        sys.stderr.write(f"Changed: {shown(line)}\n")
    return Target(job_dir.resolve(), changes)


def _of_film(arguments: argparse.Namespace, film: Path, stages: list[str]) -> Target:
    """Return the job of a film with these options, made where there is none."""
    from shared.pipeline.job.job import output_root
    from shared.pipeline.prepare.prepare import check_request, create, listened
    from shared.pipeline.prepare.same_film import alone, find_same

    draft = check_request(request_from(arguments, film, arguments.workflow))
    root = output_root(draft.config)
    if not arguments.new and (found := find_same(draft.job, root)) is not None:
        return _go_on(found, draft.job, draft.request.settings)
    if stages[0] != STAGE_ORDER[0]:
        raise InputError(
            f"A new job cannot start at {stages[0]}", hint="Leave out --from and --only"
        )
    job = listened(draft)
    if arguments.dry_run:
        use_settings(draft.request.settings)
        return Target(None, job=job)
    with alone(root, job.user):
        # Another command may have made it while this one listened.
        found = None if arguments.new else find_same(job, root)
        prepared = create(draft, job) if found is None else None
    if prepared is None:
        assert found is not None
        return _go_on(found, job, draft.request.settings)
    use_settings({key: draft.request.settings[key] for key in prepared.unsealed})
    for note in prepared.notes:
        sys.stderr.write(note + "\n")
    sys.stderr.write(f"Job: {prepared.job_dir}\n")
    return Target(prepared.job_dir)


def _go_on(job_dir: Path, wanted: Job, settings: Mapping[str, str]) -> Target:
    """Return the job that a film has, and tell how far it is.

    Raises:
        RunningJobError: It is being run.
    """
    from shared.pipeline.prepare.same_film import run_settings

    number = job_dir.name
    held = lock_state(job_dir)
    if held.is_run:
        since = f" since {_clock(held.since)}" if held.since is not None else ""
        raise RunningJobError(
            f"Job {number} of this film, with the same options, is running{since} "
            f"(process {held.pid} on {held.host}): {job_dir}",
            hint="Wait for it to end, or stop it; --new makes another job",
            job_dir=job_dir,
        )
    found = show_job(job_dir)
    where = f"stopped at {found.next_stage}" if found.next_stage else "which is done"
    sys.stderr.write(shown(f"Going on with job {number}, {where}: {job_dir}") + "\n")
    use_settings(run_settings(settings))
    assert found.job is not None
    return Target(job_dir, moved_film(found.job, wanted))


def moved_film(job: Job, wanted: Job) -> dict[str, Any]:
    """Return what changes in a job whose film lies elsewhere now, or was touched.

    Args:
        job: As it was prepared.
        wanted: What would be prepared now; of the same film.

    Returns:
        Name of a field to its new value, as job.json holds it.
    """
    assert wanted.film is not None
    changes: dict[str, Any] = {}
    if job.media.path != wanted.media.path:
        media = job.media.model_dump(mode="json")
        changes["media"] = media | {"path": wanted.media.path}
    if job.film != wanted.film:
        changes["film"] = wanted.film.model_dump(mode="json")
    return changes


def _clock(seconds: float) -> str:
    """Return when something began, in local time: the hour today, else with its day."""
    began = datetime.fromtimestamp(seconds).astimezone()
    is_today = began.date() == datetime.now().astimezone().date()
    return f"{began:%H:%M}" if is_today else f"{began:%Y-%m-%d %H:%M}"


def demo_target(arguments: argparse.Namespace, selection: Selection) -> Target:
    """Return the job of the demo, prepared when there is none and not only its plan is wanted.

    Args:
        arguments: What run_parser parsed; they get the demo's workflow.
        selection: Which stages were asked for.

    Raises:
        InputError: A film or job options beside the demo, which has its own, or stages that
            cannot be run.
    """
    from shared.pipeline.prepare.demo import DEMO_WORKFLOW, demo_job, demo_request, make_demo_job
    from shared.pipeline.prepare.prepare import check_request, listened

    arguments.workflow = DEMO_WORKFLOW
    selected_stages(DEMO_WORKFLOW, selection)
    given = [*arguments.targets, *given_options(arguments)]
    given += ["--deliver"] if arguments.deliver else ["--beside"] if arguments.beside else []
    given += ["--new"] if arguments.new else []
    given += ["--list"] if arguments.lists else []
    if given:
        raise InputError(
            f"The demo has its own film and options: {given[0]} is not taken",
            hint="./run-pipeline.sh subtitle FILE -s auto -t en",
        )
    request = demo_request()
    if (job_dir := demo_job()) is not None:
        return Target(job_dir)
    if arguments.dry_run:
        draft = check_request(request)
        use_settings(draft.request.settings)
        return Target(None, job=listened(draft))
    return Target(make_demo_job(request))


def delivery_setting(arguments: argparse.Namespace) -> list[str]:
    """Return where results are wanted as a --set argument; none where nothing was said.

    Args:
        arguments: What run_parser parsed.

    Raises:
        InputError: It was said, but not where.
    """
    if arguments.beside:
        return [f"DELIVER_TO={BESIDE}"]
    if arguments.deliver is None:
        return []
    if not arguments.deliver.strip():
        raise InputError("--deliver is empty", hint="--deliver DIR, or --beside")
    return [f"DELIVER_TO={Path(arguments.deliver).expanduser().absolute()}"]


def given_options(arguments: argparse.Namespace) -> list[str]:
    """Return the options that describe a job and were given, as they are written.

    Args:
        arguments: What run_parser parsed.
    """
    names = [name for name in JOB_OPTIONS if getattr(arguments, name) is not None]
    return ["--set" if name == "settings" else "--" + name.replace("_", "-") for name in names]
