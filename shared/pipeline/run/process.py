#!/usr/bin/env python3
"""
Process: one stage as a process tree of its own: spawn, listen, time out, end it whole.

A stage is over when its own process is: what that leaves running is ended with it. Limits hold for
all its processes together.

Usage:
    from shared.pipeline.run.process import StageProcess

    with StageProcess(command, environment, log, lock, grace) as process:
        process.go()
        outcome = process.wait(Limits(seconds=600), on_event=show)
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from shared.config import (
    EVENTS_FD_VARIABLE,
    LIFELINE_FD_VARIABLE,
    LOCK_FD_VARIABLE,
    SCRATCH_VARIABLE,
    START_FD_VARIABLE,
)
from shared.core.errors import EXIT_FAILURE
from shared.core.redact import Redactor
from shared.pipeline.job.events import Event, parse_event
from shared.pipeline.job.lifeline import close_own, keep_own
from shared.pipeline.run.interrupt import Stop, let_children_be_waited_for, stop_of_signals
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.outcome import Outcome
from shared.pipeline.run.start.started import KIB, Start, execute
from shared.pipeline.run.watch import Excess, Limits, Watch
from shared.pipeline.stage.tree import StageTree, living, peak_kib_of, send

READ_BLOCK = 1 << 16
POLL_SECONDS = 0.1
# What a stage's own process wrote is in the pipes when it ends; what it left may go on writing.
DRAIN_SECONDS = 1.0
# A process that the system cannot end, waiting for a disk that is gone, is left behind after these.
KILL_SECONDS = 20.0
LONGEST_EVENT = 8 << 20
# Less than a program takes, so that it was looked at before it was one.
LEAST_PROGRAM_MB = 1.0


class StageProcess:
    """A stage's process in a session of its own, its output captured with a size cap.

    The process is spawned at once and imports its libraries, but waits with its work for go():
    the next stage warms up while the present one works.

    Args:
        command: Interpreter and script.
        environment: Maps descriptors (variable name to number) to the process's variables.
        log: Receives what the process prints; closed with the process.
        lock_descriptor: The job lock, inherited.
        grace: Seconds between TERM and KILL.
        secrets: What never reaches an event.
        stop: Who may ask the run to stop; None = the signals of this process.
        start: How the process is started.

    Raises:
        OSError: The process cannot be started; nothing is left of the attempt.
        LostStartError: Whether it was is not known; if so, it ends without having worked.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Callable[[Mapping[str, int]], dict[str, str]],
        log: StageLog,
        lock_descriptor: int,
        grace: float,
        secrets: Sequence[str] = (),
        stop: Stop | None = None,
        start: Start = execute,
    ) -> None:
        self._log = log
        self._grace = grace
        self._redactor = Redactor(secrets)
        self._stop = stop_of_signals() if stop is None else stop
        with contextlib.ExitStack() as on_failure, contextlib.ExitStack() as handed_over:
            on_failure.callback(log.close)
            let_children_be_waited_for()
            self._events_read, events_write = _pipe(on_failure, handed_over)
            self._lifeline, lifeline_read = _pipe(on_failure, handed_over, is_read=True)
            self._start, start_read = _pipe(on_failure, handed_over, is_read=True)
            inherited = {
                EVENTS_FD_VARIABLE: events_write,
                LIFELINE_FD_VARIABLE: lifeline_read,
                LOCK_FD_VARIABLE: lock_descriptor,
                START_FD_VARIABLE: start_read,
            }
            variables = environment(inherited)
            self._process = start(command, variables, inherited, self._stop)
            on_failure.pop_all()
        self._started, self._began = time.monotonic(), time.time()
        self._owner = os.getpid()
        self._code: int | None = None
        self._tree = StageTree(self._process.pid, variables.get(SCRATCH_VARIABLE))
        self._pending = b""
        self._events: list[Event] = []
        self._peak_kib = self._most_kib = 0
        self._cpu_seconds = 0.0
        self._is_ended = False
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
        """End the process and everything it started; calling it again does nothing.

        In a process that was forked from the one that started the stage it does nothing either.
        """
        if self._is_ended or os.getpid() != self._owner:
            return
        self._end_tree()
        self._is_ended = True
        self._process.close()
        for descriptor in (self._events_read, self._lifeline, self._start):
            close_own(descriptor)
        self._log.finish()
        self._log.close()

    @property
    def events(self) -> list[Event]:
        """What the stage has told so far, but for its progress."""
        return self._events

    @property
    def pid(self) -> int:
        """Process id, also the process group's."""
        return self._process.pid

    def go(self) -> None:
        """Let the process begin its work; its time counts from now."""
        self._started, self._began = time.monotonic(), time.time()
        self._measure()
        with contextlib.suppress(BrokenPipeError):  # it has ended already: wait() tells how
            os.write(self._start, b"g")

    def wait(self, limits: Limits, on_event: Callable[[Event], None]) -> Outcome:
        """Listen until the process ends or exceeds a limit.

        Args:
            limits: Its time, its time without progress, the memory of all its processes.
            on_event: Called with each event as it comes.

        Returns:
            How the process ended, with its events.

        Raises:
            InterruptedRun: Somebody asked the run to stop; end() ends the process.
        """
        excess: Excess = ""
        ended = 0.0
        self._watch = Watch(limits, self._started)
        with selectors.DefaultSelector() as selector:
            for descriptor in (self._process.output, self._events_read):
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            while True:
                self._stop.check()
                if self._running():
                    excess = excess or self._watch.look(self._tree.look)
                    if excess:
                        self._end_tree(at_once=excess == "memory")
                elif not ended:
                    ended = time.monotonic()  # after this, each pipe is read once at least
                elif not selector.get_map() or time.monotonic() - ended >= DRAIN_SECONDS:
                    break
                if not self._listen(selector, on_event) and ended:
                    break  # a grandchild keeps the pipes open; it is ended with the tree
        self._log.finish()
        measured = max(self._peak_kib / KIB, self._watch.peak_mb)
        is_measured = measured >= LEAST_PROGRAM_MB
        return Outcome(
            exit_code=EXIT_FAILURE if self._code is None else self._code,
            excess=excess,
            seconds=ended - self._started,
            peak_memory_mb=round(measured if is_measured else self._most_kib / KIB, 1),
            is_measured=is_measured,
            began=self._began,
            cpu_seconds=self._cpu_seconds,
            events=self._events,
            printed=self._log.tail,
        )

    def _listen(self, selector: selectors.BaseSelector, on_event: Callable[[Event], None]) -> bool:
        """Take what is in the pipes, waiting for it a little; return whether there was anything."""
        if not selector.get_map():
            time.sleep(0.002)
            return True
        ready = selector.select(POLL_SECONDS)
        for key, _ in ready:
            if not self._take(key.fd, on_event):
                selector.unregister(key.fd)
        return bool(ready)

    def _running(self) -> bool:
        """Return whether the stage's own process lives; reaps it with its memory peak if not."""
        if self._code is None:
            ended = self._process.poll()
            if ended is None:
                self._measure()
                return True
            self._code, self._cpu_seconds = ended.code, ended.cpu_seconds
            self._most_kib = ended.most_kib
            if ended.is_own:
                self._peak_kib = max(self._peak_kib, self._most_kib)
            if ended.remark:
                self._log.write(ended.remark.encode())
        return self._code is None

    def _measure(self) -> None:
        """Take note of the most memory that the stage's own process has had so far."""
        self._peak_kib = max(self._peak_kib, peak_kib_of(self._process.pid))

    def _take(self, descriptor: int, on_event: Callable[[Event], None]) -> bool:
        """Read from a pipe; return whether more may come."""
        try:
            block = os.read(descriptor, READ_BLOCK)
        except BlockingIOError:
            return True
        if descriptor != self._events_read:
            self._log.write(block)
        else:
            *lines, self._pending = (self._pending + block)[-LONGEST_EVENT:].split(b"\n")
            for event in filter(None, map(parse_event, map(self._redactor.whole, lines))):
                if event["event"] != "progress":
                    self._events.append(event)
                self._watch.hear(event)
                on_event(event)
        return bool(block)

    def _end_tree(self, at_once: bool = False) -> None:
        """End the process and everything it started: TERM, grace, KILL; or KILL at once."""
        tree = self._tree.look(thoroughly=True)
        if not tree and not self._running():
            return
        send(tree, signal.SIGKILL if at_once else signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while self._running() or living(tree):
            if time.monotonic() >= deadline or self._stop.is_hurried:
                break
            time.sleep(0.01)
        deadline = time.monotonic() + KILL_SECONDS
        while (tree := self._tree.look(thoroughly=True)) or self._running():
            send(tree, signal.SIGKILL)  # again and again: it may be starting others
            if time.monotonic() >= deadline:
                self._code = self._code if self._code is not None else -signal.SIGKILL
                break
            time.sleep(0.005)


def _pipe(
    on_failure: contextlib.ExitStack, handed_over: contextlib.ExitStack, is_read: bool = False
) -> tuple[int, int]:
    """Return our end of a new pipe and the end that the stage inherits.

    Args:
        on_failure: Closes our end.
        handed_over: Closes the other end.
        is_read: Whether the stage reads.
    """
    read, write = os.pipe()
    own, other = (write, read) if is_read else (read, write)
    on_failure.callback(close_own, keep_own(own))
    handed_over.callback(os.close, other)
    return own, other
