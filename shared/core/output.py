#!/usr/bin/env python3
"""
Output: standard output and standard error, and what it means when they cannot be written.

Standard error only tells how work goes: a full disk under it, or nobody who reads it, costs no
work. Standard output is the answer of most commands, and must arrive; a run, whose result is the
job, calls only_tells() first.

Usage:
    from shared.core.output import answer, only_tells

    code = answer(command)
    only_tells()
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from shared.core.errors import PipelineError

if TYPE_CHECKING:
    from typing_extensions import Buffer

INPUT, OUTPUT, ERRORS = 0, 1, 2


class LostOutputError(PipelineError):
    """The answer of a command could not be written to standard output (exit code 1)."""


class _Stream(io.FileIO):
    """A standard stream's descriptor, which stays open.

    Args:
        descriptor: OUTPUT or ERRORS.
        must_arrive: Whether a write that fails is an error; only the first one is.
    """

    def __init__(self, descriptor: int, must_arrive: bool) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.must_arrive = must_arrive

    def write(self, data: Buffer, /) -> int:
        """Write bytes; return how many are done with."""
        try:
            while (written := super().write(data)) is None:  # a terminal that somebody set so
                select.select([], [self], [])
            return written
        except OSError as error:
            if self.must_arrive:
                self.must_arrive = False
                if error.errno == errno.EPIPE:
                    raise
                raise LostOutputError(
                    f"Standard output cannot be written: {error.strerror}",
                    hint="Write to another place, or make room there",
                ) from None
            return memoryview(data).nbytes


def open_closed_descriptors() -> None:
    """Open the standard streams that are closed (>&-); call it before anything else is opened.

    A closed one would be the number of the next file that is opened: what is written to it, by a
    child as well, would end up there.
    """
    for descriptor in (INPUT, OUTPUT, ERRORS):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest number


def open_streams() -> None:
    """Make the standard streams those of this module, and open those that are closed (>&-)."""
    open_closed_descriptors()
    sys.stdout = _opened(sys.stdout, OUTPUT, must_arrive=True)
    sys.stderr = _opened(sys.stderr, ERRORS, must_arrive=False)


def answer(command: Callable[[], int]) -> int:
    """Run a command whose output is its answer; return its exit code once all of it is written.

    Args:
        command: Returns an exit code.

    Raises:
        LostOutputError: Something of it could not be written.
        BrokenPipeError: Who read it has gone.
    """
    open_streams()
    try:
        code = command()
    except SystemExit:  # --help
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return code


def only_tells() -> None:
    """Let standard output only tell from here on: whether it arrives makes no difference."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Stream):
        raw.must_arrive = False


def _opened(stream: TextIO | None, descriptor: int, must_arrive: bool) -> TextIO:
    """Return a text stream on a descriptor in the manner of the one that is there."""
    if stream is not None:
        stream.flush()
        if _descriptor(stream) != descriptor:
            return stream  # a test reads it
    buffer = io.BufferedWriter(_Stream(descriptor, must_arrive))
    return io.TextIOWrapper(
        buffer,
        encoding=stream.encoding if stream is not None else "utf-8",
        errors=stream.errors if stream is not None else "backslashreplace",
        line_buffering=stream is None or descriptor == ERRORS or stream.isatty(),
    )


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return None
