#!/usr/bin/env python3
"""
Run pipeline: run or resume a job, prepare and run in one go, or show the demo

Usage:
    ./run-pipeline.sh subtitle out/2026/11/23/me/1
    ./run-pipeline.sh subtitle film.mkv -s hi -t en
    ./run-pipeline.sh why asr out/2026/11/23/me/1
    ./run-pipeline.sh jobs list
    ./run-pipeline.sh demo
"""

import argparse
import gc
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))
gc.disable()  # nothing that imports make is garbage, and looking for it takes a tenth of a start

from shared.config import load_config  # noqa: E402
from shared.core.errors import (  # noqa: E402
    EXIT_INTERRUPTED,
    EXIT_SUCCESS,
    InputError,
    InterruptedRun,
    PipelineError,
    shown,
)
from shared.core.output import only_tells  # noqa: E402
from shared.core.usage import CommandParser  # noqa: E402
from shared.observability.ending import (  # noqa: E402
    Ending,
    tell_all,
    tell_ending,
    tell_failure,
)
from shared.observability.progress import make_display  # noqa: E402
from shared.pipeline.job.job import load_job  # noqa: E402
from shared.pipeline.jobs.delivery import check_folder, deliver, folder_of  # noqa: E402
from shared.pipeline.plan.selection import (  # noqa: E402
    ALL,
    Selection,
    check_stage,
    check_workflow,
    selected_stages,
)
from shared.pipeline.prepare.options import add_job_options, named_films  # noqa: E402
from shared.pipeline.prepare.target import (  # noqa: E402
    delivery_setting,
    demo_directory,
    given_options,
    job_directory,
)
from shared.pipeline.run.command_line import (  # noqa: E402
    as_told,
    run_command,
    tell_error,
)
from shared.pipeline.run.run import run_job  # noqa: E402
from shared.stage_order import STAGE_ORDER, WORKFLOWS  # noqa: E402

gc.freeze()
gc.enable()

DEMO = "demo"
JSON = "--json"
# Of the options that describe a job.
OF_ONE_FILM = frozenset({"--title", "--year"})
# What does not run a job is a module of shared/commands of its name.
VERBS = ("why", "jobs")
EPILOG = (
    f"Workflows: {', '.join(WORKFLOWS)}. Stages: {', '.join(STAGE_ORDER)}. "
    "'./run-pipeline.sh why STAGE JOB_DIR' tells what changed since a stage ran; "
    "'./run-pipeline.sh jobs' lists, finds, shows and removes jobs."
)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="./run-pipeline.sh",
        description="Run or resume a job. A film instead of a job directory is prepared first. "
        "'./run-pipeline.sh demo' makes a short film of its own and runs everything on it.",
        epilog=EPILOG,
    )
    parser.add_argument("workflow", metavar="WORKFLOW", help=f"{', '.join(WORKFLOWS)} or {DEMO}")
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="JOB_DIR|FILE",
        help="jobs or films, also as patterns such as '*.mkv'; several run one after another",
    )
    group = parser.add_argument_group("the run")
    group.add_argument("--from", dest="first", metavar="STAGE", help="leave earlier stages alone")
    group.add_argument("--to", dest="last", metavar="STAGE", help="stop after this stage")
    group.add_argument("--only", metavar="STAGE", help="the same as --from STAGE --to STAGE")
    group.add_argument(
        "--force",
        metavar="STAGE",
        action="append",
        default=[],
        help="run this stage although nothing changed; 'all' for every stage; may be repeated",
    )
    group.add_argument(
        "--profile",
        metavar="STAGE",
        help="run this stage under cProfile: its profile goes beside its log in the job's logs, "
        "the top consumers into the log; implies --force STAGE",
    )
    place = group.add_mutually_exclusive_group()
    place.add_argument(
        "--deliver",
        metavar="DIR",
        help="put the results there, under the film file's own name; the job keeps its copy",
    )
    place.add_argument("--beside", action="store_true", help="put the results where the film lies")
    group.add_argument("--dry-run", action="store_true", help="show the plan and its reasons only")
    group.add_argument(JSON, action="store_true", help="JSON lines on standard output")
    add_job_options(parser)
    return parser


def selection_from(arguments: argparse.Namespace) -> Selection:
    """Return which stages were asked for.

    Args:
        arguments: What make_parser parsed.

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
        arguments: What make_parser parsed.
        selection: Which stages were asked for.
        name: A film or a job directory as the user named it, or the demo.
    """
    job_dir = None
    try:
        if name == DEMO:
            job_dir = demo_directory(arguments, selection)
        else:
            job_dir = job_directory(arguments, selection, name)
        return run_prepared(arguments, selection, job_dir, name)
    except (Exception, InterruptedRun) as error:  # the boundary of one film: others may follow
        told = error if isinstance(error, InterruptedRun) else as_told(error)
        ending = tell_failure(told, name, arguments.json, job_dir)
        tell_error(told)
        return ending


def run_prepared(
    arguments: argparse.Namespace, selection: Selection, job_dir: Path, name: str
) -> Ending:
    """Run one job and tell how it ended.

    Args:
        arguments: What make_parser parsed.
        selection: Which stages were asked for.
        job_dir: Where it lies, prepared.
        name: How the user named it or its film.
    """
    for remark in load_config(job_dir).remarks:
        sys.stderr.write(f"warning: {shown(remark)}\n")
    folder = delivery_folder(job_dir)
    if folder is not None and not arguments.dry_run:
        check_folder(folder)
    if not arguments.dry_run:
        only_tells()  # the job is the result: its exit code is the work's, whoever listens
    display = make_display(arguments.json)
    try:
        report = run_job(job_dir, arguments.workflow, selection, display, arguments.dry_run)
    finally:
        display.close()
    if arguments.dry_run:
        if folder is not None and not arguments.json:
            sys.stdout.write(f"Results will be delivered to {shown(str(folder))}\n")
        return Ending(name, EXIT_SUCCESS, job_dir)
    stages = selected_stages(arguments.workflow, selection)
    delivered = (
        deliver(job_dir, folder, stages) if folder is not None and report.failed is None else []
    )
    return tell_ending(report, name, arguments.json, delivered)


def delivery_folder(job_dir: Path) -> Path | None:
    """Return where the results of a job are wanted, None where they stay in it.

    Args:
        job_dir: The job directory.
    """
    config = load_config(job_dir)
    return folder_of(config.deliver_to, load_job(job_dir))


def run_all(arguments: argparse.Namespace, selection: Selection, names: Sequence[str]) -> int:
    """Run one film or job after another, until somebody stops it; return the exit code of all.

    Args:
        arguments: What make_parser parsed.
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
        endings += [
            Ending(name, error.exit_code, None, [error]) for name in names[len(endings) :][:1]
        ]
    return tell_all(endings, arguments.json, names[len(endings) :])


def what_to_run(argv: list[str]) -> tuple[argparse.Namespace, Selection, list[str]]:
    """Return options, stages, and films and jobs by name.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: They make no sense, whatever the films hold.
    """
    arguments = make_parser().parse_intermixed_args(argv)
    selection = selection_from(arguments)
    if arguments.workflow == DEMO:
        return arguments, selection, [DEMO]
    check_workflow(arguments.workflow)
    selected_stages(arguments.workflow, selection)
    names, remarks = named_films(arguments.targets)
    for remark in remarks:
        sys.stderr.write(f"warning: {shown(remark)}\n")
    if not names:
        raise InputError(
            "Name a job directory or a film", hint=f"./run-pipeline.sh {arguments.workflow} FILE"
        )
    of_one = [name for name in given_options(arguments) if name in OF_ONE_FILM]
    if len(names) > 1 and of_one:
        raise InputError(f"{of_one[0]} is of one film, not of {len(names)}", hint="Run them apart")
    arguments.settings = [*(arguments.settings or []), *delivery_setting(arguments)] or None
    return arguments, selection, names


def main(argv: list[str]) -> int:
    """Parse and dispatch; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    if argv and argv[0] in VERBS:
        verb = importlib.import_module(f"shared.commands.{argv[0]}")
        return int(verb.main(argv[1:]))
    try:
        arguments, selection, names = what_to_run(argv)
    except PipelineError as error:
        tell_failure(error, "", as_json=JSON in argv)
        raise
    if len(names) > 1:
        return run_all(arguments, selection, names)
    return run_target(arguments, selection, names[0]).exit_code


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
