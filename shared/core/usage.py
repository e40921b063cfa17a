#!/usr/bin/env python3
"""
Usage: what is wrong with a command line, told as every other mistake: one line, a hint, exit 2.

Standard library only: commands that run before any environment exists parse with it, too.

Usage:
    from shared.core.usage import CommandParser, ended, tell

    parser = CommandParser(prog="tools/doctor.py")
    sys.exit(ended(lambda: main(sys.argv[1:])))
"""

from __future__ import annotations

import argparse
import itertools
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from shared.core.errors import EXIT_FAILURE, InputError, PipelineError, ToldError
from shared.core.output import answer

HELP_WIDTH = 100
RUN, JSON = "./run-pipeline.sh", "--json"
EXIT_CODES = (
    "0 done, 1 failure, 2 invalid input or configuration, 3 something is not here, "
    "4 a program or service failed or lines are untranslated, 130 interrupted"
)


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaints are one line with a hint, and exit code 2.

    Args:
        examples: Command lines, which the help shows at its end; then its exit codes follow.
        more: What the help says between them.
        codes: The exit codes.
        settings: As for argparse.ArgumentParser.
    """

    def __init__(
        self, examples: str = "", more: str = "", codes: str = EXIT_CODES, **settings: Any
    ) -> None:
        if examples:
            paragraphs = [more.strip(), "examples:\n" + examples.strip("\n")]
            paragraphs.append("\n".join(textwrap.wrap(f"exit codes: {codes}", HELP_WIDTH)))
            settings["epilog"] = "\n\n".join(filter(None, paragraphs))
            settings["formatter_class"] = argparse.RawDescriptionHelpFormatter
            told = str(settings.get("description", ""))
            settings["description"] = "\n".join(textwrap.wrap(told, HELP_WIDTH))
        super().__init__(**settings)

    def error(self, message: str) -> NoReturn:
        """Raise the complaint as an InputError.

        Args:
            message: What argparse found wrong.

        Raises:
            InputError: Always.
        """
        raise InputError(message, hint=f"{self.prog} --help")


def named_path(text: str) -> Path:
    """Return the path that an argument names, for argparse's type=.

    Args:
        text: As it was typed; a variable of a shell may have been empty.

    Raises:
        argparse.ArgumentTypeError: It names nothing.
    """
    if not text:
        raise argparse.ArgumentTypeError("no file is named: the text is empty")
    return Path(text)


def usage_of(docstring: str | None, verb: str = "") -> str:
    """Return the command lines below 'Usage:' in a module's docstring.

    Args:
        docstring: The module's __doc__.
        verb: Only those of this one; empty takes all.
    """
    usage = (docstring or "").partition("\nUsage:\n")[2].partition("\n\n")[0]
    lines = [line for line in usage.splitlines() if not verb or verb in line.split()]
    return textwrap.indent(textwrap.dedent("\n".join(lines)), "  ")


def shows_help(arguments: Sequence[str]) -> bool:
    """Return whether a command line asks for help.

    Args:
        arguments: Without the program's name.
    """
    options = itertools.takewhile(lambda one: one != "--", arguments)
    return any(one in {"-h", "--help"} for one in options)


def tell_help(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Show the help that a command line asks for and end this process.

    Args:
        parser: Of the command.
        arguments: Without the program's name.

    Raises:
        SystemExit: 0; 1 where the help cannot be written, 2 where the arguments make no sense.
    """
    try:
        answer(lambda: int(bool(parser.parse_args(arguments))))
    except BrokenPipeError:
        raise SystemExit(EXIT_FAILURE) from None
    except PipelineError as error:
        tell(error)
        raise SystemExit(error.exit_code) from None


def ended(command: Callable[[], int]) -> int:
    """Return the exit code of a small command; a failure that is told has been told.

    Args:
        command: Returns an exit code.
    """
    try:
        return command()
    except PipelineError as error:
        tell(error)
        return error.exit_code


def tell(error: ToldError, shown: Callable[[str], str] = str) -> None:
    """Write an error as 'error: cause' and 'hint: …' to standard error.

    Args:
        error: What went wrong.
        shown: What becomes of a line before it is shown: without secrets.
    """
    lines = [f"error: {error.cause}"] + ([f"hint: {error.hint}"] if error.hint else [])
    encoding = sys.stderr.encoding or "utf-8"
    for line in map(shown, lines):
        sys.stderr.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()
