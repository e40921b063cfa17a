#!/usr/bin/env python3
"""
Batch options: the command lines of the verbs about many films.

Standard library only: --help is shown where no environment exists.

Usage:
    from shared.commands.batch_options import batch_parser

    arguments = batch_parser().parse_intermixed_args(argv)
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from shared.core.usage import JSON, RUN, CommandParser
from shared.pipeline.prepare.options import add_job_options
from shared.stage_order import WORKFLOWS

BATCH_CODES = (
    "0 all good (also: nothing to do), 1 some failed, 2 invalid input or configuration, "
    "3 a batch of the same is running or something is not here, 4 some degraded: done without what "
    "did not answer, 130 interrupted"
)


def batch_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb batch."""
    parser = CommandParser(
        prog=f"{RUN} batch",
        description="Find films, leave alone what needs nothing, prepare and run the rest, several "
        "at once where the machine has room. One that fails stops no other.",
        examples="""
  ./run-pipeline.sh batch films/ -s hi -t en --beside               what is new in a folder
  ./run-pipeline.sh batch films/ --recursive -s hi -t en --dry-run  what would be done, and why
  ./run-pipeline.sh batch @tonight.txt -s hi -t en --until 06:00    until six in the morning
  ./run-pipeline.sh batch films/ -s hi -t en --not-between 08:00-18:00
""",
        more="""
Left alone, each with its reason: what is still being copied, is done, has the wanted subtitles (a
track in it or a file beside it), is the same film under another name, is no film. 'Film.cp.env'
beside Film.mkv holds settings of that film: SOURCE_LANGUAGE=ta, TARGET_LANGUAGES=en, KEY=VALUE.
Started again, it goes on where it was. 'status' shows it from any terminal; 'pause', 'resume',
'stop', 'cancel FILM' and 'first FILM' steer it. docs/OPERATIONS.md tells more.
""",
        codes=BATCH_CODES,
    )
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="DIR|FILE|GLOB|@LIST",
        help="folders of films, films, patterns, lists",
    )
    _add_batch_options(parser)
    add_job_options(parser)
    return parser


def watch_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb watch."""
    parser = CommandParser(
        prog=f"{RUN} watch",
        description="Watch folders for ever and do what the verb batch does with each film that "
        "is new there, also while others run.",
        examples="""
  ./run-pipeline.sh watch films/ -s hi -t en --beside
  ./run-pipeline.sh watch films/ --recursive -s hi -t en --not-between 08:00-18:00
""",
        more="""
What is still being copied is waited for, and so is a network folder that goes away. TERM, Ctrl-C
and 'stop' let the stages end that run, a second signal ends them at once; the same command goes on.
'status' shows it from any terminal; 'pause', 'resume', 'cancel FILM' and 'first FILM' steer it.
""",
        codes=BATCH_CODES,
    )
    parser.add_argument("targets", nargs="+", metavar="DIR", help="folders of films")
    _add_common_options(parser)
    add_job_options(parser)
    parser.set_defaults(lists=[], limit=None, until=None, dry_run=False)
    return parser


def _add_batch_options(parser: argparse.ArgumentParser) -> None:
    group = _add_common_options(parser)
    group.add_argument("--list", dest="lists", metavar="FILE", action="append", default=[])
    group.add_argument("--limit", type=_positive, metavar="N", help="at most so many films")
    group.add_argument("--until", metavar="HH:MM", help="begin no stage after this time")
    group.add_argument("--dry-run", action="store_true", help="only tell what would be done")


def _add_common_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what batch and watch share; return the group of it."""
    group = parser.add_argument_group("the batch")
    group.add_argument(
        *("-w", "--workflow"), default="subtitle", metavar="W", help=f"{', '.join(WORKFLOWS)}"
    )
    group.add_argument("--to", dest="last", metavar="STAGE", help="stop each film after this stage")
    group.add_argument("--recursive", action="store_true", help="the folders in a folder, too")
    place = group.add_mutually_exclusive_group()
    place.add_argument("--deliver", metavar="DIR", help="put all results there")
    place.add_argument("--beside", action="store_true", help="put results where each film lies")
    group.add_argument("--not-between", metavar="HH:MM-HH:MM", help="begin no stage in these hours")
    group.add_argument(
        "--retry-failed", action="store_true", help="try films again whose stage failed before"
    )
    group.add_argument(
        "--again",
        action="store_true",
        help="look at films, too, that are done or have the wanted subtitles; what changed since "
        "is done again",
    )
    group.add_argument(
        "--scheduler",
        metavar="tls://HOST:PORT",
        help="have what computes run on the workers of that cluster (docs/OPERATIONS.md)",
    )
    group.add_argument(JSON, action="store_true", help="JSON lines on standard output")
    return group


def status_parser() -> argparse.ArgumentParser:
    """Return the parser of the verb status."""
    parser = CommandParser(
        prog=f"{RUN} status",
        description="Tell how a batch or a job stands, from any terminal: what is done, what runs "
        "and how far, what waits and for what, how long still, what failed and what to type next.",
        examples="""
  ./run-pipeline.sh status                      the latest batch
  ./run-pipeline.sh status --follow             until it ends
  ./run-pipeline.sh status out/2026/11/30/me/7  one job
""",
        codes="0 told, 2 there is no such batch or job",
    )
    parser.add_argument("target", nargs="?", metavar="JOB_DIR|BATCH", help="default: latest batch")
    parser.add_argument("--follow", action="store_true", help="tell again until it ends")
    parser.add_argument(JSON, action="store_true", help="one JSON object a line")
    return parser


def _steering(verb: str, told: str, film: bool = False) -> Callable[[], argparse.ArgumentParser]:
    """Return what makes the parser of a verb that steers a running batch."""

    def make() -> argparse.ArgumentParser:
        example = f"  {RUN} {verb}" + (' "Film (2019).mkv"' if film else "")
        parser = CommandParser(
            prog=f"{RUN} {verb}",
            description=told,
            examples=f"\n{example}\n",
            codes="0 the batch has heard, 2 no batch runs or no such film, 3 it does not answer",
        )
        if film:
            parser.add_argument("film", metavar="FILM", help="its path, or words of its name")
        parser.add_argument("--batch", metavar="DIR", help="which one, where several run")
        return parser

    return make


STEERING = {
    "pause": _steering("pause", "Let the running batch begin no stage; what runs goes on."),
    "resume": _steering("resume", "Let a paused batch begin stages again."),
    "stop": _steering("stop", "End the running batch after the stages that run now."),
    "cancel": _steering("cancel", "Take a film out of the running batch, whatever it does.", True),
    "first": _steering("first", "Have a film of the running batch come before all others.", True),
}


def _positive(text: str) -> int:
    """Return a number of films.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of films")
    return int(text)
