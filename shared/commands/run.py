#!/usr/bin/env python3
"""
Run: films and jobs one after another, each prepared, gone on with or planned, and told of.

Usage:
    from shared.commands.run import main

    main(["subtitle", "film.mkv", "-s", "hi", "-t", "en"])
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.commands.first_steps import next_command
from shared.commands.options import DEMO, run_parser
from shared.config import load_config
from shared.core.errors import (
    EXIT_INTERRUPTED,
    InputError,
    InterruptedRun,
    PipelineError,
    shown,
)
from shared.core.output import only_tells
from shared.core.usage import JSON
from shared.observability.ending import (
    tell_all,
    tell_ending,
    tell_failure,
    tell_plan,
)
from shared.observability.progress import make_display
from shared.observability.publish import published
from shared.observability.result_event import Ending
from shared.pipeline.job.job import Job, changed, load_job, output_root
from shared.pipeline.job.lock import RunningJobError
from shared.pipeline.jobs.delivery import check_folder, deliver, folder_of
from shared.pipeline.plan.selection import (
    ALL,
    Selection,
    check_stage,
    check_workflow,
    selected_stages,
)
from shared.pipeline.prepare.films import named_films
from shared.pipeline.prepare.target import (
    Target,
    delivery_setting,
    demo_target,
    find_target,
    given_options,
)
from shared.pipeline.run.command_line import as_told, tell_error
from shared.pipeline.run.interrupt import HINT
from shared.pipeline.run.run import plan_job, run_job

# Of the options that describe a job.
OF_ONE_FILM = frozenset({"--title", "--year"})
TRANSLATE, SUBTITLE = "translate", "subtitle"
# Nothing is called so: a plan of a film that has no job finds no records there.
NO_JOB = ".no-job"


def selection_from(arguments: argparse.Namespace) -> Selection:
    """Return which stages were asked for.

    Args:
        arguments: What run_parser parsed.

    Raises:
        InputError: An unknown stage, or options that contradict one another.
    """
    for option in ("first", "last", "only"):
        name = getattr(arguments, option)
        if name is not None:
            check_stage(name, "--" + {"first": "from", "last": "to", "only": "only"}[option])
    if arguments.only and (arguments.first or arguments.last):
        raise InputError("--only excludes --from and --to", hint="Use one or the other")
    forced = tuple(check_stage(name, "--force", also=(ALL,)) for name in arguments.force)
    return Selection(
        first=arguments.only or arguments.first,
        last=arguments.only or arguments.last,
        forced=forced,
        profiled=check_stage(arguments.profile, "--profile") if arguments.profile else None,
    )


def run_target(arguments: argparse.Namespace, selection: Selection, name: str) -> Ending:
    """Run one film or job and tell how it ended, whatever went wrong or whoever stopped it.

    Args:
        arguments: What run_parser parsed.
        selection: Which stages were asked for.
        name: A film or a job directory as the user named it, or the demo.
    """
    job_dir = None
    try:
        if name == DEMO:
            target = demo_target(arguments, selection)
        else:
            arguments = of_text(arguments, name)
            target = find_target(arguments, selection, name)
        job_dir = target.job_dir
        if job_dir is None:
            return plan_new(arguments, selection, target.planned(), name)
        return run_prepared(arguments, selection, target, job_dir, name)
    except (Exception, InterruptedRun) as error:  # the boundary of one film: others may follow
        if job_dir is not None and not arguments.dry_run:
            _page_of_a_failure(job_dir, error)
        told = error if isinstance(error, InterruptedRun) else as_told(error)
        if (
            isinstance(error, InterruptedRun) and arguments.new
        ):  # the same command would begin another one
            told.hint = f"{HINT}, but without --new"
        ending = tell_failure(told, name, arguments.json, job_dir)
        tell_error(told)
        return ending


def of_text(arguments: argparse.Namespace, name: str) -> argparse.Namespace:
    """Return the options for one film or job: of text alone a translation is a subtitle file.

    Args:
        arguments: What run_parser parsed.
        name: As the user named it.
    """
    if arguments.workflow != TRANSLATE or not Path(name).is_file():
        return arguments
    from shared.pipeline.prepare.request import wanted_targets
    from shared.pipeline.prepare.text_source import is_text

    if not is_text(Path(name)):
        return arguments
    wanted_targets(tuple(arguments.target_languages or ()), TRANSLATE)
    return argparse.Namespace(**vars(arguments) | {"workflow": SUBTITLE})


def plan_new(arguments: argparse.Namespace, selection: Selection, job: Job, name: str) -> Ending:
    """Show what a run of a film would do that has no job, and gets none.

    Args:
        arguments: What run_parser parsed.
        selection: Which stages were asked for.
        job: What would be prepared.
        name: How the user named its film.

    Returns:
        How planning ended.
    """
    config = load_config(overrides=job.config)
    stages = selected_stages(arguments.workflow, selection)
    display = make_display(arguments.json, sys.stdout)
    plan_job(output_root(config) / NO_JOB, job, config, stages, selection, display)
    _tell_delivery(arguments, folder_of(config.deliver_to, job))
    return tell_plan(name, job, None, arguments.json)


def run_prepared(
    arguments: argparse.Namespace, selection: Selection, target: Target, job_dir: Path, name: str
) -> Ending:
    """Run or plan one job and tell how it ended.

    Args:
        arguments: What run_parser parsed.
        selection: Which stages were asked for.
        target: The job, with what changes in it.
        job_dir: Where it lies, prepared.
        name: How the user named it or its film.
    """
    config = load_config(job_dir)
    for remark in config.remarks:
        sys.stderr.write(f"warning: {shown(remark)}\n")
    job, dry_run = changed(load_job(job_dir), target.changes), arguments.dry_run
    folder = folder_of(config.deliver_to, job)
    if folder is not None and not dry_run:
        check_folder(folder)
    display = make_display(arguments.json, sys.stdout if dry_run else None)
    workflow, changes = arguments.workflow, target.changes
    try:
        with published(job_dir, config):
            report = run_job(job_dir, workflow, selection, display, dry_run, changes=changes)
    finally:
        display.close()
    if dry_run:
        _tell_delivery(arguments, folder)
        return tell_plan(name, job, job_dir, arguments.json)
    stages = selected_stages(workflow, selection)
    delivered = (
        deliver(job_dir, folder, stages) if folder is not None and report.failed is None else []
    )
    page = None
    if report.results:  # as above: not for a run that has nothing to do
        from shared.report.at_end import page_at_end

        page = page_at_end(job_dir)
    return tell_ending(report, name, arguments.json, delivered, page)


def _page_of_a_failure(job_dir: Path, error: BaseException) -> None:
    """Write what there is of a job that was stopped or could not begin; quickly."""
    if isinstance(error, RunningJobError):
        return
    from shared.pipeline.jobs.listing import show_job
    from shared.report.at_end import page_at_end

    if show_job(job_dir).job is not None:
        page_at_end(job_dir, is_cutting=False)


def _tell_delivery(arguments: argparse.Namespace, folder: Path | None) -> None:
    if folder is not None and not arguments.json:
        sys.stdout.write(f"Results will be delivered to {shown(str(folder))}\n")


def run_all(arguments: argparse.Namespace, selection: Selection, names: Sequence[str]) -> int:
    """Run one film or job after another, until somebody stops it; return the exit code of all.

    Args:
        arguments: What run_parser parsed.
        selection: Which stages were asked for.
        names: Films and jobs.
    """
    endings: list[Ending] = []
    try:
        for number, name in enumerate(names, 1):
            sys.stderr.write(f"[{number} of {len(names)}] {shown(name)}\n")
            endings.append(run_target(arguments, selection, name))
            if endings[-1].exit_code == EXIT_INTERRUPTED:
                break
    except InterruptedRun as error:  # between two of them
        tell_error(error)
        stopped = names[len(endings) :][:1]
        endings += [tell_failure(error, name, arguments.json) for name in stopped]
    return tell_all(endings, arguments.json, names[len(endings) :])


def what_to_run(argv: list[str]) -> tuple[argparse.Namespace, Selection, list[str]]:
    """Return options, stages, and films and jobs by name.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: They make no sense, whatever the films hold.
    """
    if not argv:
        raise InputError("Nothing is named that could be done", hint=next_command(SUBTITLE))
    arguments = run_parser().parse_intermixed_args(argv)
    selection = selection_from(arguments)
    if arguments.workflow == DEMO:
        return arguments, selection, [DEMO]
    check_workflow(arguments.workflow)
    selected_stages(arguments.workflow, selection)
    names = named_films(arguments.targets, arguments.lists)
    if not names:
        raise InputError("Name a job directory or a film", hint=next_command(arguments.workflow))
    of_one = [name for name in given_options(arguments) if name in OF_ONE_FILM]
    if len(names) > 1 and of_one:
        raise InputError(f"{of_one[0]} is of one film, not of {len(names)}", hint="Run them apart")
    arguments.settings = [*(arguments.settings or []), *delivery_setting(arguments)] or None
    return arguments, selection, names


def main(argv: list[str]) -> int:
    """Parse and run; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        PipelineError: They make no sense; a program that reads JSON has heard of it.
        InterruptedRun: Somebody stopped it; a program has heard of that, too.
    """
    try:
        arguments, selection, names = what_to_run(argv)
    except (PipelineError, InterruptedRun) as error:
        tell_failure(error, "", as_json=JSON in argv)
        raise
    if not arguments.dry_run:
        only_tells()  # jobs are the result: the exit code is the work's, whoever listens
    if len(names) > 1:
        return run_all(arguments, selection, names)
    return run_target(arguments, selection, names[0]).exit_code
