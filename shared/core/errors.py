#!/usr/bin/env python3
"""
Errors: every failure a user can meet, with its exit code, cause and hint.

One boundary turns an error into one line for the person and a traceback for the log. The exit
codes are those of the standards (4.1, 6.5) and are part of the contract with shell wrappers.

Usage:
    from shared.core.errors import InputError

    raise InputError("No audio stream in film.mkv", hint="Check it with: ffprobe film.mkv")
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

EXIT_SUCCESS = 0
EXIT_FAILURE = 1
EXIT_INVALID = 2
EXIT_UNAVAILABLE = 3
EXIT_DEPENDENCY = 4
EXIT_INTERRUPTED = 130
CONTROLS = frozenset({"Cc", "Zl", "Zp"})
MOST_TOLD = 2000  # characters: what is wrong may quote a line of megabytes


class ToldError(BaseException):
    """What is told to a person: a one-line cause, a hint and an exit code.

    Args:
        cause: What went wrong, one line, without a full stop at its end.
        hint: What to do next, ideally the command to type; may be empty.
    """

    exit_code = EXIT_FAILURE

    def __init__(self, cause: str, hint: str = "") -> None:
        self.cause = one_line(cause[:MOST_TOLD])
        self.hint = one_line(hint[:MOST_TOLD])
        super().__init__(self.cause)

    def __str__(self) -> str:
        return self.cause


class PipelineError(ToldError, Exception):
    """A failure with a one-line cause, a hint and an exit code."""


class InputError(PipelineError):
    """Invalid input or configuration given by the user (exit code 2)."""

    exit_code = EXIT_INVALID


class UnavailableError(PipelineError):
    """Something needed is not there: environment, model, disk space, lock (exit code 3)."""

    exit_code = EXIT_UNAVAILABLE


class DependencyError(PipelineError):
    """An external program or service failed (exit code 4)."""

    exit_code = EXIT_DEPENDENCY


class InterruptedRun(ToldError, KeyboardInterrupt):
    """The user or the system asked the run to stop (exit code 130).

    No Exception: whoever goes on after a failure must not go on after this.
    """

    exit_code = EXIT_INTERRUPTED


def first_fault(error: ValidationError) -> str:
    """Return where data do not fit their model, and why: 'media.path: Field required'.

    Args:
        error: What pydantic found; the first of its faults is told.
    """
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "top"
    return f"{where}: {first['msg']}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number and its noun as a person says them: '1 line', '2 lines'.

    Args:
        number: How many.
        noun: Of one.
        plural: Of several; empty = with an s.
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def first_of(names: Sequence[str], most: int, between: str = ", ") -> str:
    """Return the first of some names, and how many more there are: 'a, b and 3 more'.

    Args:
        names: All of them.
        most: So many are named.
        between: What stands between two.
    """
    more = len(names) - most
    return between.join(names[:most]) + (f" and {more} more" if more > 0 else "")


def one_line(text: str) -> str:
    """Return text with every line break and control character escaped, so that it stays one line.

    Args:
        text: Any text, for example a file name that holds a newline.

    Returns:
        The same text on one line; a backslash escape stands for each control character.
    """
    return _escaped(text, str.isprintable)


def shown(text: str) -> str:
    """Return text for a terminal: on one line, without what moves its cursor or sets its title.

    Other than one_line, it leaves what scripts need, such as the joiners of Devanagari.

    Args:
        text: Any text, for example a title or a line of a transcript.

    Returns:
        The same text; a backslash escape stands for each control character but the tab.
    """
    return _escaped(text, lambda char: char == "\t" or unicodedata.category(char) not in CONTROLS)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return 'Did you mean X?' for the known name nearest to a wrong one, or '' if none is near.

    Args:
        name: What the user wrote.
        known: What could have been meant.
    """
    by_fold = {item.casefold(): item for item in known}
    found = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return f"Did you mean {by_fold[found[0]]}?" if found else ""


def _escaped(text: str, stays: Callable[[str], bool]) -> str:
    return "".join(
        char if stays(char) else char.encode("unicode_escape").decode("ascii") for char in text
    )
