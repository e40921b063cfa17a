#!/usr/bin/env python3
"""
Process: one stage as a process tree of its own: spawn, listen, time out, end it whole.

Usage:
    from shared.pipeline.run.process import StageProcess

    with StageProcess(command, environment, log, cap, lock, grace) as process:
        process.go()
        outcome = process.wait(Limits(seconds=600), on_event=show)
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import psutil

from shared.config import (
    EVENTS_FD_VARIABLE,
    LIFELINE_FD_VARIABLE,
    LOCK_FD_VARIABLE,
    SCRATCH_VARIABLE,
    START_FD_VARIABLE,
)
from shared.core.redact import Redactor
from shared.pipeline.job.events import Event, parse_event
from shared.pipeline.run.interrupt import is_hurried
from shared.pipeline.run.json_output import JsonOutput
from shared.pipeline.run.watch import Excess, Limits, Watch
from shared.pipeline.stage.tree import any_alive, find_tree, send

READ_BLOCK = 1 << 16
POLL_SECONDS = 0.25
LONGEST_EVENT = 8 << 20
LOG_CUT = b"[log cut here: LOG_MAX_MB reached]\n"
TAIL_BYTES = 64 << 10


@dataclass
class Outcome:
    """How a stage process ended, what it told and the end of what it printed."""

    exit_code: int
    excess: Excess
    seconds: float
    peak_memory_mb: float
    events: list[Event] = field(default_factory=list)
    printed: bytes = b""

    @property
    def result(self) -> Event | None:
        """The stage's own last word, None when it ended without one."""
        return self._last("result")

    @property
    def rung(self) -> Event | None:
        """Where on its fallback ladder the stage stood, None when it has none."""
        return self._last("rung")

    def _last(self, kind: str) -> Event | None:
        return next((e for e in reversed(self.events) if e["event"] == kind), None)


class StageProcess:
    """A stage's process in a session of its own, its output captured with a size cap.

    The process is spawned at once and imports its libraries, but waits with its work for go():
    the next stage warms up while the present one works.

    Args:
        command: Interpreter and script.
        environment: Maps descriptors (variable name to number) to the process's variables.
        log: File that receives what the process prints.
        log_cap: Bytes after which printed output is read and dropped.
        lock_descriptor: The job lock, inherited.
        grace: Seconds between TERM and KILL.
        secrets: What never reaches the log or an event.
        form: Makes log lines of what the process prints; None = as it is.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Callable[[Mapping[str, int]], dict[str, str]],
        log: Path,
        log_cap: int,
        lock_descriptor: int,
        grace: float,
        secrets: Sequence[str] = (),
        form: JsonOutput | None = None,
    ) -> None:
        self._form = form
        self._grace = grace
        self._redactor = Redactor(secrets)
        self._left = log_cap
        self._events_read, events_write = os.pipe()
        lifeline_read, self._lifeline = os.pipe()
        start_read, self._start = os.pipe()
        inherited = {
            EVENTS_FD_VARIABLE: events_write,
            LIFELINE_FD_VARIABLE: lifeline_read,
            LOCK_FD_VARIABLE: lock_descriptor,
            START_FD_VARIABLE: start_read,
        }
        variables = environment(inherited)
        self._mark = variables.get(SCRATCH_VARIABLE)
        self._log: BinaryIO = log.open("ab")
        self._started = time.monotonic()
        try:
            self._process = subprocess.Popen(
                list(command),
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(inherited.values()),
                start_new_session=True,
            )
        except BaseException:
            self._close(self._events_read, self._lifeline, self._start)
            self._log.close()
            raise
        finally:
            self._close(events_write, lifeline_read, start_read)
        self._pending = self._tail = b""
        self._events: list[Event] = []
        self._peak_kib = 0
        self._watch = Watch(Limits(seconds=0.0), self._started)

    def __enter__(self) -> StageProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """End the process and everything it started; calling it again does nothing."""
        if self._log.closed:
            return
        self._end_tree()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._close(self._events_read, self._lifeline, self._start)
        self._log.close()

    @property
    def events(self) -> list[Event]:
        """What the stage has told so far."""
        return self._events

    @property
    def pid(self) -> int:
        """Process id, also the process group's."""
        return self._process.pid

    def go(self) -> None:
        """Let the process begin its work; its time counts from now."""
        self._started = time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has ended already: wait() tells how
            os.write(self._start, b"g")

    def wait(self, limits: Limits, on_event: Callable[[Event], None]) -> Outcome:
        """Listen until the process ends or exceeds a limit.

        Args:
            limits: Its time, its time without progress, the memory of all its processes.
            on_event: Called with each event as it comes.

        Returns:
            How the process ended, with its events.
        """
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        excess: Excess = ""
        self._watch = Watch(limits, self._started)
        with selectors.DefaultSelector() as selector:
            for descriptor in (output, self._events_read):
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            while self._running() or selector.get_map():
                if not excess and self._running():
                    excess = self._watch.look(self._process.pid)
                    if excess:
                        self._end_tree()
                if not selector.get_map():
                    time.sleep(0.002)
                    continue
                ready = selector.select(POLL_SECONDS)
                for key, _ in ready:
                    open_still = self._take(key.fd, key.fd == output, on_event)
                    if not open_still:
                        selector.unregister(key.fd)
                if not ready and not self._running():
                    break  # a grandchild keeps the pipes open; it is ended with the tree
        return Outcome(
            exit_code=self._process.returncode,
            excess=excess,
            seconds=time.monotonic() - self._started,
            peak_memory_mb=round(max(self._peak_kib / 1024, self._watch.peak_mb), 1),
            events=self._events,
            printed=self._tail,
        )

    def _running(self) -> bool:
        """Return whether the stage's own process lives; reaps it with its memory peak if not."""
        if self._process.returncode is None:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            if pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                scale = 1024 if os.uname().sysname == "Darwin" else 1  # macOS counts bytes
                self._peak_kib = usage.ru_maxrss // scale
        return self._process.returncode is None

    def _take(self, descriptor: int, is_output: bool, on_event: Callable[[Event], None]) -> bool:
        try:
            block = os.read(descriptor, READ_BLOCK)
        except BlockingIOError:
            return True
        if is_output:
            self._write_log(self._redactor.feed(block), not block)
        else:
            *lines, self._pending = (self._pending + block)[-LONGEST_EVENT:].split(b"\n")
            for event in filter(None, map(parse_event, map(self._redactor.whole, lines))):
                self._events.append(event)
                self._watch.hear(event)
                on_event(event)
        return bool(block)

    def _write_log(self, data: bytes, is_last: bool) -> None:
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        if self._left == 0:
            return
        if self._form is not None:
            data = self._form.feed(data, is_last)
        if len(data) < self._left:
            self._log.write(data)
        elif self._form is None:
            self._log.write(data[: self._left] + b"\n" + LOG_CUT)
        else:
            self._log.write(self._form.cut(data, self._left) + self._form.line(LOG_CUT))
        self._left = max(0, self._left - len(data))
        self._log.flush()

    def _end_tree(self) -> None:
        """End the process and everything it started: TERM, grace, KILL."""
        tree = self._tree()
        if not tree and not self._running():
            return
        send(tree, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while self._running() or any_alive(tree):
            if time.monotonic() >= deadline or is_hurried():
                break
            time.sleep(0.01)
        tree = {*tree, *self._tree()}
        send(tree, signal.SIGKILL)
        while self._running():
            time.sleep(0.002)

    def _tree(self) -> set[psutil.Process]:
        return find_tree(self._process.pid, self._mark, self._running())

    @staticmethod
    def _close(*descriptors: int) -> None:
        for descriptor in descriptors:
            os.close(descriptor)
