#!/usr/bin/env python3
"""
Options: the command line of ./run-pipeline.sh and of each of its verbs.

Standard library only: --help is shown where no environment exists.

Usage:
    from shared.commands.options import run_parser

    arguments = run_parser().parse_intermixed_args(argv)
"""

from __future__ import annotations

import argparse
import re

from shared.commands.batch_options import STEERING, batch_parser, status_parser, watch_parser
from shared.commands.completion_options import completion_parser
from shared.core.usage import JSON, RUN, CommandParser, named_path
from shared.pipeline.prepare.options import add_job_options
from shared.stage_order import STAGE_ORDER, WORKFLOWS

DEMO = "demo"
DAY = 86_400.0
UNITS = {"h": 3_600.0, "d": DAY, "w": 7 * DAY, "": DAY}
AGE = re.compile(r"(\d{1,6})\s*([hdw]?)")
RUN_EXAMPLES = """
  ./run-pipeline.sh demo                                         a short film of our own
  ./run-pipeline.sh subtitle "My Film (2019).mkv" -s hi -t en    prepare a film and run it
  ./run-pipeline.sh subtitle films/ @more.txt -s hi -t en --beside --json
"""
RUN_MORE = f"""
A film with the same options goes on with its job; --new makes another one. On a prepared job,
options change it: the plan (--dry-run) shows what is done again.
Workflows: {', '.join(WORKFLOWS)}.
Stages: {', '.join(STAGE_ORDER[:7])},
{', '.join(STAGE_ORDER[7:])}.
'{RUN} why STAGE JOB_DIR' tells what changed since a stage ran;
'{RUN} jobs' lists, finds, shows and removes jobs; '{RUN} report' writes a job's page.
'{RUN} batch' runs the films of a folder that need it, several at once.
"""


def run_parser() -> argparse.ArgumentParser:
    """Return the parser of ./run-pipeline.sh."""
    parser = CommandParser(
        prog=RUN,
        description="Run or resume a job. A film instead of a job directory is prepared first. "
        "'./run-pipeline.sh demo' makes a short film of its own and runs everything on it.",
        examples=RUN_EXAMPLES,
        more=RUN_MORE,
    )
    parser.add_argument("workflow", metavar="WORKFLOW", help=f"{', '.join(WORKFLOWS)} or {DEMO}")
    add_run_arguments(parser)
    return parser


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what follows the workflow.

    Args:
        parser: Gets them.
    """
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="JOB_DIR|FILE|DIR|@LIST",
        help="jobs or films, also as patterns such as '*.mkv', as a folder of films, or as a list "
        "of names in a text file; several run one after another",
    )
    _add_run_options(parser)
    add_job_options(parser)


def _add_run_options(parser: argparse.ArgumentParser) -> None:
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
    group.add_argument(
        "--new",
        action="store_true",
        help="a new job, although there is one of this film with these options",
    )
    group.add_argument(
        "--list",
        dest="lists",
        metavar="FILE",
        action="append",
        default=[],
        help="films and jobs by name, one a line, # for remarks; - reads standard input; the same "
        "as @FILE; may be repeated",
    )
    place = group.add_mutually_exclusive_group()
    place.add_argument(
        "--deliver",
        metavar="DIR",
        help="put the results there, under the film file's own name; the job keeps its copy",
    )
    place.add_argument("--beside", action="store_true", help="put the results where the film lies")
    group.add_argument(
        "--dry-run", action="store_true", help="show the plan and its reasons only; leaves nothing"
    )
    group.add_argument(
        JSON,
        action="store_true",
        help="JSON lines on standard output; the last one of each film is its 'result'",
    )


def prepare_parser() -> argparse.ArgumentParser:
    """Return the parser of ./prepare-job.sh."""
    parser = CommandParser(
        prog="./prepare-job.sh",
        description="Check a film and create its job: a new one each time. The last line on "
        "standard output is the job directory.",
        examples="""
  ./prepare-job.sh --media film.mp4 --workflow subtitle -s hi -t en
  ./prepare-job.sh --media film.mp4 --workflow transcribe -s auto --start 0:10:00 --end 0:12:00
  ./run-pipeline.sh subtitle "$(./prepare-job.sh --media film.mp4 --workflow subtitle -s hi -t en)"
""",
    )
    parser.add_argument("--media", required=True, type=named_path, metavar="FILE", help="the film")
    parser.add_argument(
        "--workflow", required=True, metavar="W", help=", ".join(WORKFLOWS) + " (what to make)"
    )
    add_job_options(parser)
    return parser


def why_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb why."""
    parser = CommandParser(
        prog=f"{RUN} why",
        description="Tell what changed since a stage ran, from what to what.",
        examples="""
  ./run-pipeline.sh why asr out/2026/11/30/me/39
  ./run-pipeline.sh why translation out/2026/11/30/me/39 -v
""",
        codes="0 told, 2 no such stage or job",
    )
    parser.add_argument("stage", metavar="STAGE", help=", ".join(STAGE_ORDER))
    parser.add_argument("job", metavar="JOB_DIR", type=named_path, help="a prepared job")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="name every file of the program, with digests"
    )
    return parser


JOBS_CODES = "0 done, 2 no such job or no answer to a question, 3 it runs"


def jobs_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb jobs."""
    parser = CommandParser(
        prog=f"{RUN} jobs",
        description="The jobs there are: state, size and results.",
        examples="""
  ./run-pipeline.sh jobs                          every job, the newest first
  ./run-pipeline.sh jobs find harbour lights      those of a film
  ./run-pipeline.sh jobs clean --older-than 30d   remove finished jobs of a month ago
""",
        more="""
JOB is a job directory, or words that find one job alone. Films and what was delivered beside them
are in no job and stay.
""",
        codes=JOBS_CODES,
    )
    parser.add_argument(JSON, action="store_true", help="JSON on standard output")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=CommandParser)
    made: dict[str, argparse.ArgumentParser] = {}
    for verb, told, example in (
        ("list", "every job, the newest first (the default)", "--json"),
        (
            "find",
            "jobs whose title, year, film, user or number holds every word",
            "harbour lights 2019",
        ),
        ("show", "one job: its stages and its files", "out/2026/11/23/me/1"),
        ("remove", "remove jobs with all that they hold", "out/2026/11/23/me/1 --dry-run"),
        ("clean", "remove finished jobs that nobody has run for long", "--older-than 30d --yes"),
    ):
        made[verb] = verbs.add_parser(
            verb,
            help=told,
            description=told[0].upper() + told[1:],
            examples=f"  {RUN} jobs {verb} {example}",
            codes=JOBS_CODES,
        )
        # Before or after the verb; without a value of its own it leaves the other alone.
        made[verb].add_argument(
            JSON, action="store_true", default=argparse.SUPPRESS, help="JSON on standard output"
        )
    made["find"].add_argument("words", nargs="+", metavar="WORD")
    made["show"].add_argument("job", nargs="+", metavar="JOB")
    made["remove"].add_argument("job", nargs="+", metavar="JOB", help="a job directory, or words")
    made["clean"].add_argument(
        "--older-than", required=True, type=_age, metavar="AGE", help="such as 36h, 30d or 8w"
    )
    made["clean"].add_argument(
        "--unfinished", action="store_true", help="those that are not done, too"
    )
    for verb in ("remove", "clean"):
        made[verb].add_argument(
            "--yes",
            action="store_true",
            help="remove what a person made in them without a question",
        )
        made[verb].add_argument("--dry-run", action="store_true", help="only tell what would go")
    return parser


def report_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb report."""
    parser = CommandParser(
        prog=f"{RUN} report",
        description="Write the page of a job, report.html in its directory: how it came out, what "
        "to look at first, how to mend it. Every run writes it at its end.",
        examples="""
  ./run-pipeline.sh report out/2026/11/30/me/39
  ./run-pipeline.sh report --clips 100 out/2026/11/30/me/39
  ./run-pipeline.sh report out/2026/11/30/me/*            and one page over all of them
""",
        more="""
The page is one file that asks nobody: open it in any browser, send it, print it. Standard output
says where it lies. Of several jobs, a line each, and last the page over all of them, in the folder
of all jobs.
""",
        codes="0 written, 2 no such job, 3 it cannot be written",
    )
    parser.add_argument("job", metavar="JOB_DIR", nargs="+", type=named_path, help="a prepared job")
    parser.add_argument(
        "--clips",
        metavar="N",
        type=_count,
        help="so many of the worst places get their picture and sound (default: REPORT_CLIPS)",
    )
    parser.add_argument(
        "--index",
        metavar="FILE.html",
        type=named_path,
        help="where the page over several jobs goes; one that is there is replaced",
    )
    return parser


DESK_PORT, LAST_PORT = 8377, 65_535


def desk_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb desk."""
    parser = CommandParser(
        prog=f"{RUN} desk",
        description="Show jobs and batches in a browser, live, with their pages and logs, and edit "
        "subtitles there. It serves this machine alone, until Ctrl-C.",
        examples="""
  ./run-pipeline.sh desk                              opens your browser
  ./run-pipeline.sh desk --port 9000 --no-browser     tells the address to open
""",
        more="""
Standard output says the address. It opens the desk once; each time one was used, the next is told.
What you save is the job's own file, edited: it is kept, and a run makes the film of it.
""",
        codes="0 done, 3 the port is taken or something is not here, 130 ended by Ctrl-C",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DESK_PORT,
        metavar="N",
        help=f"0 = a free one; {DESK_PORT} if left out",
    )
    parser.add_argument("--no-browser", action="store_true", help="only tell the address")
    return parser


# What does not run a job is a module of shared/commands of its name; STEERING is one for all.
VERBS = {"why": why_parser, "jobs": jobs_parser, "report": report_parser, "desk": desk_parser}
VERBS |= {"completion": completion_parser}
VERBS |= {"batch": batch_parser, "watch": watch_parser, "status": status_parser, **STEERING}


def _count(text: str) -> int:
    """Return a number that counts something.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of places")
    return int(text)


def _port(text: str) -> int:
    """Return a port.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdigit() and int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to {LAST_PORT}")
    return int(text)


def _age(text: str) -> float:
    """Return an age in seconds.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    match = AGE.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age: say 36h, 30d or 8w")
    return int(match[1]) * UNITS[match[2]]
