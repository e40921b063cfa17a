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
from pathlib import Path
from shlex import quote

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))
gc.disable()  # nothing that imports make is garbage, and looking for it takes a tenth of a start

from shared.config import load_config, use_settings  # noqa: E402
from shared.core.errors import EXIT_SUCCESS, InputError, PipelineError, shown  # noqa: E402
from shared.core.output import only_tells  # noqa: E402
from shared.core.usage import CommandParser  # noqa: E402
from shared.observability.progress import make_display  # noqa: E402
from shared.observability.summary import (  # noqa: E402
    describe_delivered,
    describe_results,
    results_event,
)
from shared.pipeline.job.job import load_job  # noqa: E402
from shared.pipeline.jobs.delivery import BESIDE, check_folder, deliver, folder_of  # noqa: E402
from shared.pipeline.plan.selection import (  # noqa: E402
    ALL,
    Selection,
    check_stage,
    check_workflow,
    selected_stages,
)
from shared.pipeline.prepare.options import (  # noqa: E402
    JOB_OPTIONS,
    add_job_options,
    parse_settings,
    request_from,
)
from shared.pipeline.run.command_line import run_command, tell_error  # noqa: E402
from shared.pipeline.run.report import RunReport  # noqa: E402
from shared.pipeline.run.run import run_job  # noqa: E402
from shared.stage_order import STAGE_ORDER, WORKFLOWS  # noqa: E402

gc.freeze()
gc.enable()

DEMO = "demo"
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
    parser.add_argument("target", nargs="?", metavar="JOB_DIR|FILE", help="a job, or a film")
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
    group.add_argument("--json", action="store_true", help="JSON lines on standard output")
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


def job_directory(arguments: argparse.Namespace, selection: Selection) -> Path:
    """Return the job to run; a film is prepared first.

    Args:
        arguments: What make_parser parsed.
        selection: Which stages were asked for.

    Raises:
        InputError: Neither a film nor a job, job options beside a prepared job, or stages that
            cannot be run.
    """
    stages = selected_stages(arguments.workflow, selection)
    if not arguments.target:
        raise InputError(
            "Name a job directory or a film", hint=f"./run-pipeline.sh {arguments.workflow} FILE"
        )
    target = Path(arguments.target).expanduser()
    arguments.settings = [*(arguments.settings or []), *delivery_setting(arguments)] or None
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

    given = [arguments.target] if arguments.target else given_options(arguments)
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
        InputError: An empty name of a folder.
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


def finish(report: RunReport, stages: list[str], as_json: bool) -> int:
    """Deliver what a run made and tell how it ended; return its exit code.

    Args:
        report: What run_job returned.
        stages: Those that were asked for.
        as_json: Whether standard output is for JSON lines.

    Raises:
        UnavailableError: The results cannot be delivered; the job has them.
    """
    failed = report.failed
    folder = delivery_folder(report.job_dir) if failed is None else None
    delivered = deliver(report.job_dir, folder, stages) if folder is not None else []
    if failed is not None:
        tell_error(PipelineError(f"{failed.stage}: {failed.reason}", hint=failed.hint))
        sys.stderr.write(f"Nothing is lost: run the same command on {report.job_dir} to go on\n")
    elif as_json:
        sys.stdout.write(results_event(report.job_dir, delivered) + "\n")
    else:
        for line in [*describe_results(report.job_dir), *describe_delivered(delivered)]:
            sys.stdout.write(shown(line) + "\n")
    lacking = report.untranslated
    if failed is None and lacking is not None and report.exit_code:
        hint = "Run the same command again when it is back; ALLOW_UNTRANSLATED=true is content"
        tell_error(PipelineError(f"{lacking.stage}: {'; '.join(lacking.outages)}", hint=hint))
    return report.exit_code


def delivery_folder(job_dir: Path) -> Path | None:
    """Return where the results of a job are wanted, None where they stay in it.

    Args:
        job_dir: The job directory.
    """
    config = load_config(job_dir)
    return folder_of(config.deliver_to, load_job(job_dir))


def main(argv: list[str]) -> int:
    """Parse and dispatch; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    if argv and argv[0] in VERBS:
        verb = importlib.import_module(f"shared.commands.{argv[0]}")
        return int(verb.main(argv[1:]))
    arguments = make_parser().parse_args(argv)
    selection = selection_from(arguments)
    if arguments.workflow == DEMO:
        job_dir = demo_directory(arguments, selection)
    else:
        check_workflow(arguments.workflow)
        job_dir = job_directory(arguments, selection)
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
        return EXIT_SUCCESS
    return finish(report, selected_stages(arguments.workflow, selection), arguments.json)


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
