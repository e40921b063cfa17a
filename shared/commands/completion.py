#!/usr/bin/env python3
"""
Completion: what a shell completes by Tab, made of the parsers that the commands themselves use.

Usage:
    source <(./run-pipeline.sh completion bash)
"""

from __future__ import annotations

import argparse
import sys

from shared.commands.completion_options import completion_parser
from shared.commands.options import DEMO, VERBS, add_run_arguments
from shared.core.errors import EXIT_SUCCESS
from shared.core.usage import CommandParser
from shared.stage_order import STAGE_ORDER, WORKFLOWS

PROGRAM = "run-pipeline.sh"
FILES, FOLDERS = {"FILE", "JOB_DIR", "JOB", "FILM", "GLOB", "@LIST", "BATCH", "FILE.html"}, {"DIR"}


def main(argv: list[str]) -> int:
    """Write the script of a shell to standard output; return the exit code.

    Args:
        argv: The arguments after 'completion'.
    """
    import shtab

    shell = completion_parser().parse_args(argv).shell
    sys.stdout.write(shtab.complete(whole_parser(), shell=shell) + "\n")
    return EXIT_SUCCESS


def whole_parser() -> argparse.ArgumentParser:
    """Return one parser with all verbs, in which files, folders and stages are told."""
    whole = CommandParser(prog=PROGRAM)
    verbs = whole.add_subparsers(dest="verb", parser_class=argparse.ArgumentParser)
    for workflow in (*WORKFLOWS, DEMO):
        made = verbs.add_parser(workflow, help="run or resume a job, or a film")
        add_run_arguments(made)
        _tell(made)
    for verb, parser_of in VERBS.items():
        own = parser_of()
        _tell(own)
        told = (own.description or "").partition(".")[0]
        verbs.add_parser(verb, help=told, parents=[own], add_help=False)
    return whole


def _tell(parser: argparse.ArgumentParser) -> None:
    """Say of each argument what it names, by what the help calls it."""
    import shtab

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _tell(inner)
            continue
        names = set(str(action.metavar or "").split("|"))
        if "STAGE" in names:
            action.choices = STAGE_ORDER
        elif names & FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif names & FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
