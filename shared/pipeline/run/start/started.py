#!/usr/bin/env python3
"""
Started: the process of a stage as whoever waits for it sees it, and starting it as a new program.

Usage:
    from shared.pipeline.run.start.started import Start, execute

    process = execute(command, variables, descriptors, stop)
    while (ended := process.poll()) is None: ...
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.core.errors import EXIT_FAILURE
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.stage.orphans import stage_begins, stage_ended

KIB = 1024
TAKEN_BY_OTHERS = "how it ended is not known: something else in this program waited for it\n"


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Its exit code, the negative number of a signal that ended it.
        cpu_seconds: Its own and of all that it waited for.
        most_kib: What its memory cannot have exceeded, KiB.
        is_own: Whether that was measured of this program, not of what it was a copy of before.
        remark: What its log should tell.
    """

    code: int
    cpu_seconds: float = 0.0
    most_kib: int = 0
    is_own: bool = False
    remark: str = ""


class Started(Protocol):
    """A stage's process: leader of a session of its own.

    Attributes:
        pid: Its id, also its group's.
        output: Read end of what it prints.
    """

    pid: int
    output: int

    def poll(self) -> Ended | None:
        """Return how it ended, None while it lives; asked once more it is not afterwards."""

    def close(self) -> None:
        """Give up what is held of it; it has ended."""


# Command, its variables, which of them hold descriptors that it inherits, and who may stop waiting.
Start = Callable[[Sequence[str], Mapping[str, str], Mapping[str, int], Stop], Started]


class LostStartError(Exception):
    """Whether the process was started is not known: what it would work with has to be given up."""


def execute(
    command: Sequence[str], variables: Mapping[str, str], descriptors: Mapping[str, int], stop: Stop
) -> Started:
    """Start a stage's process as a new program; see Start.

    Args:
        command: Interpreter and script.
        variables: All that it finds in its environment.
        descriptors: What it inherits, by the variable that tells it the number.
        stop: Not asked: this takes no time.

    Raises:
        OSError: The process cannot be started.
    """
    return _Executed(command, variables, descriptors)


class _Executed:
    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], descriptors: Mapping[str, int]
    ) -> None:
        with stage_begins() as begun:
            self._process = subprocess.Popen(
                list(command),
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(descriptors.values()),
                start_new_session=True,
            )
            begun(self._process.pid)
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self.output = self._process.stdout.fileno()
        self._inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def poll(self) -> Ended | None:
        try:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        except ChildProcessError:
            self._process.returncode = EXIT_FAILURE
            stage_ended(self.pid)
            return Ended(EXIT_FAILURE, remark=TAKEN_BY_OTHERS)
        if not pid:
            return None
        code = self._process.returncode = os.waitstatus_to_exitcode(status)
        stage_ended(pid)
        return Ended(
            code=code,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            most_kib=usage.ru_maxrss // (KIB if os.uname().sysname == "Darwin" else 1),
            # Linux counts what it was before it became a program: a copy of this process.
            is_own=usage.ru_maxrss > self._inherited,
        )

    def close(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()
