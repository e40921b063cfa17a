#!/usr/bin/env python3
"""
Target: the job that a command line names, or that is prepared from the film that it names.

Usage:
    from shared.pipeline.prepare.target import job_directory

    job_dir = job_directory(arguments, selection, "film.mkv")
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from shlex import quote

from shared.config import use_settings
from shared.core.errors import InputError
from shared.pipeline.job.job import load_job
from shared.pipeline.jobs.delivery import BESIDE
from shared.pipeline.plan.selection import Selection, selected_stages
from shared.pipeline.prepare.options import (
    JOB_OPTIONS,
    parse_settings,
    refuse_pattern,
    request_from,
)
from shared.stage_order import STAGE_ORDER


def job_directory(arguments: argparse.Namespace, selection: Selection, name: str) -> Path:
    """Return the job to run; a film is prepared first.

    Args:
        arguments: What make_parser parsed.
        selection: Which stages were asked for.
        name: A job directory or a film.

    Raises:
        InputError: Neither a film nor a job, job options beside a prepared job, or stages that
            cannot be run.
    """
    stages = selected_stages(arguments.workflow, selection)
    target = Path(name).expanduser()
    refuse_pattern(name)
    if target.is_dir():
        load_job(target)
        given = [option for option in given_options(arguments) if option != "--set"]
        if given:
            raise InputError(
                f"{target} is prepared already: {given[0]} comes too late",
                hint="Prepare a new job with it, or edit job.json",
            )
        use_settings(parse_settings(arguments.settings or []))
        return target.resolve()
    if arguments.dry_run:
        raise InputError(
            "--dry-run needs a prepared job",
            hint=f"./prepare-job.sh --media {quote(str(target))} --workflow {arguments.workflow}",
        )
    if stages[0] != STAGE_ORDER[0]:
        raise InputError(
            f"A new job cannot start at {stages[0]}", hint="Leave out --from and --only"
        )
    from shared.pipeline.prepare.prepare import prepare_job

    request = request_from(arguments, target, arguments.workflow)
    prepared = prepare_job(request)
    use_settings({key: request.settings[key] for key in prepared.unsealed})
    for note in prepared.notes:
        sys.stderr.write(note + "\n")
    sys.stderr.write(f"Job: {prepared.job_dir}\n")
    return prepared.job_dir


def demo_directory(arguments: argparse.Namespace, selection: Selection) -> Path:
    """Return the job of the demo, prepared when there is none.

    Args:
        arguments: What make_parser parsed; they get the demo's workflow.
        selection: Which stages were asked for.

    Raises:
        InputError: A film or job options beside the demo, which has its own, or stages that
            cannot be run.
    """
    from shared.pipeline.prepare.demo import DEMO_WORKFLOW, prepare_demo

    arguments.workflow = DEMO_WORKFLOW
    selected_stages(DEMO_WORKFLOW, selection)
    given = [*arguments.targets, *given_options(arguments)]
    given += ["--deliver"] if arguments.deliver else ["--beside"] if arguments.beside else []
    if given:
        raise InputError(
            f"The demo has its own film and options: {given[0]} is not taken",
            hint="./run-pipeline.sh subtitle FILE -s auto -t en",
        )
    return prepare_demo()


def delivery_setting(arguments: argparse.Namespace) -> list[str]:
    """Return where results are wanted as a --set argument; none where nothing was said.

    Args:
        arguments: What make_parser parsed.

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
        arguments: What make_parser parsed.
    """
    names = [name for name in JOB_OPTIONS if getattr(arguments, name) is not None]
    return ["--set" if name == "settings" else "--" + name.replace("_", "-") for name in names]
