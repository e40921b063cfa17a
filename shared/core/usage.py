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
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from shared.core.errors import InputError, PipelineError, ToldError


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaints are one line with a hint, and exit code 2."""

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
