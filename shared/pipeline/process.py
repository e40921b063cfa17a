#!/usr/bin/env python3
"""
Process: one stage as a process tree of its own: spawn, listen, time out, end it whole.

Usage:
    from shared.pipeline.process import StageProcess

    with StageProcess(command, environment, log, cap, lock, grace) as process:
        process.go()
        outcome = process.wait(timeout=600, on_event=show)
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
from shared.pipeline.events import Event, parse_event

READ_BLOCK = 1 << 16
POLL_SECONDS = 0.25
LONGEST_EVENT = 8 << 20


@dataclass
class Outcome:
    """How a stage process ended."""

    exit_code: int
    timed_out: bool
    seconds: float
    peak_memory_mb: float
    events: list[Event] = field(default_factory=list)

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
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Callable[[Mapping[str, int]], dict[str, str]],
        log: Path,
        log_cap: int,
        lock_descriptor: int,
        grace: float,
    ) -> None:
        self._grace = grace
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
        self._pending = b""
        self._events: list[Event] = []
        self._peak_kib = 0

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
    def pid(self) -> int:
        """Process id, also the process group's."""
        return self._process.pid

    def go(self) -> None:
        """Let the process begin its work; its time counts from now."""
        self._started = time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has ended already: wait() tells how
            os.write(self._start, b"g")

    def wait(self, timeout: float, on_event: Callable[[Event], None]) -> Outcome:
        """Listen until the process ends or its time is up.

        Args:
            timeout: Longest run in seconds.
            on_event: Called with each event as it comes.
        """
        assert self._process.stdout is not None
        output = self._process.stdout.fileno()
        timed_out = False
        with selectors.DefaultSelector() as selector:
            for descriptor in (output, self._events_read):
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            while self._running() or selector.get_map():
                if not timed_out and time.monotonic() - self._started > timeout:
                    timed_out = True
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
            timed_out=timed_out,
            seconds=time.monotonic() - self._started,
            peak_memory_mb=round(self._peak_kib / 1024, 1),
            events=self._events,
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
            self._log.write(block[: self._left])
            if 0 < self._left <= len(block):
                self._log.write(b"\n[log cut here: LOG_MAX_MB reached]\n")
            self._left = max(0, self._left - len(block))
            self._log.flush()
        else:
            *lines, self._pending = (self._pending + block)[-LONGEST_EVENT:].split(b"\n")
            for event in filter(None, map(parse_event, lines)):
                self._events.append(event)
                on_event(event)
        return bool(block)

    def _end_tree(self) -> None:
        """End the process and everything it started: TERM, grace, KILL."""
        tree = self._tree()
        if not tree and not self._running():
            return
        self._signal(tree, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while (self._running() or self._alive(tree)) and time.monotonic() < deadline:
            time.sleep(0.01)
        tree = {*tree, *self._tree()}
        self._signal(tree, signal.SIGKILL)
        while self._running():
            time.sleep(0.002)

    def _tree(self) -> set[psutil.Process]:
        """Return the living processes of the stage, also those that left its session and parent."""
        members: set[psutil.Process] = set()
        if self._running():
            with contextlib.suppress(psutil.NoSuchProcess):
                root = psutil.Process(self._process.pid)
                members |= {root, *root.children(recursive=True)}
        for process in psutil.process_iter():
            with contextlib.suppress(ProcessLookupError, psutil.Error):
                if self._is_ours(process):
                    members.add(process)
        return members

    def _is_ours(self, process: psutil.Process) -> bool:
        """Return whether a process is of the stage's group or inherited this attempt's mark."""
        if os.getpgid(process.pid) == self._process.pid:
            return True
        return self._mark is not None and process.environ().get(SCRATCH_VARIABLE) == self._mark

    @staticmethod
    def _alive(tree: set[psutil.Process]) -> bool:
        for process in tree:
            with contextlib.suppress(psutil.Error):
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    return True
        return False

    @staticmethod
    def _signal(tree: set[psutil.Process], number: signal.Signals) -> None:
        for process in tree:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)

    @staticmethod
    def _close(*descriptors: int) -> None:
        for descriptor in descriptors:
            os.close(descriptor)
