#!/usr/bin/env python3
"""
Interrupt: how a run is told to stop: by Ctrl-C, TERM or HUP, or by whoever started it in a thread.

Asked once, a run ends in order: the running stage is told to stop and gets its time to, the job is
left ready to go on. Asked twice, it ends now: KILL at once; should something hold this process up
all the same, it is ended after HURRY_SECONDS, and its stages end with it. Asked by AFTER_STAGE, it
lets the running stage end and begins no other.

Usage:
    from shared.pipeline.run.interrupt import Stop, heed_signals

    heed_signals()                            # a command
    stop = Stop()                             # a caller that is no main thread
    run_job(job_dir, workflow, selection, display, stop=stop)
    stop.ask("Stopped at the desk")           # in another thread
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Sequence
from functools import cache
from types import FrameType

from shared.core.errors import EXIT_INTERRUPTED, InterruptedRun, UnavailableError
from shared.core.output import ERRORS

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AFTER_STAGE = signal.SIGUSR1
HINT = "Run the same command again to go on"
HURRY_SECONDS = 5.0
LOOK_SECONDS = 0.1


class Stop:
    """Asks a run to stop; may be asked from any thread and from a signal's handler.

    No lock in it: a handler runs in the middle of anything, also of another call.
    """

    def __init__(self) -> None:
        self._causes: list[str] = []
        self._later: list[str] = []

    @property
    def is_asked(self) -> bool:
        """Whether the run is to end in order."""
        return bool(self._causes)

    @property
    def is_hurried(self) -> bool:
        """Whether the run is to end now."""
        return len(self._causes) > 1

    def ask(self, cause: str = "Stopped") -> None:
        """Ask the run to end: in order the first time, now the second.

        Args:
            cause: One line, which the run ends with.
        """
        self._causes.append(cause)

    def ask_after_stage(self, cause: str) -> None:
        """Ask the run to begin no further stage.

        Args:
            cause: As for ask.
        """
        self._later.append(cause)

    def check_between_stages(self) -> None:
        """Return where nobody has asked, neither for now nor for the end of a stage.

        Raises:
            InterruptedRun: Somebody has.
        """
        self.check()
        if self._later:
            raise InterruptedRun(self._later[0], hint=HINT)

    def check(self) -> None:
        """Return where nobody has asked.

        Raises:
            InterruptedRun: Somebody has.
        """
        if self._causes:
            raise InterruptedRun(self._causes[0], hint=HINT)

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until somebody asks.

        Args:
            seconds: Longest wait.

        Raises:
            InterruptedRun: Somebody has asked.
        """
        deadline = time.monotonic() + seconds
        self.check()
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))
            self.check()


_of_signals = Stop()


def stop_of_signals() -> Stop:
    """Return what the signals of this process ask."""
    return _of_signals


def heed_signals() -> None:
    """Let the signals that stop a program be heard as this module says; main thread only.

    What this process was started with makes no difference: blocked signals are let through, and
    the end of a child can be waited for.
    """
    global _of_signals
    _of_signals = Stop()
    let_children_be_waited_for()
    heeded = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    for number in heeded:  # nohup means it
        signal.signal(number, _hear)
    signal.signal(AFTER_STAGE, lambda *_: _of_signals.ask_after_stage("Stopped after a stage"))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*SIGNALS, AFTER_STAGE, signal.SIGCHLD})
    _end_when_hurried(heeded)


def let_children_be_waited_for() -> None:
    """Have the exit codes of children kept, also where the parent process wanted none of its own.

    Raises:
        UnavailableError: It cannot be done here: this is no main thread.
    """
    if signal.getsignal(signal.SIGCHLD) != signal.SIG_IGN:
        return
    if threading.current_thread() is not threading.main_thread():
        raise UnavailableError(
            "SIGCHLD is ignored in this process: how a stage ends could not be known",
            hint="signal.signal(signal.SIGCHLD, signal.SIG_DFL) in the main thread",
        )
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _hear(number: int, frame: FrameType | None) -> None:
    """Ask, and raise once: where that is swallowed, the run looks again before it goes on."""
    is_first = not _of_signals.is_asked
    is_key = number == signal.SIGINT
    _of_signals.ask("Interrupted" if is_key else f"Stopped by {signal.Signals(number).name}")
    if is_first:
        _of_signals.check()


def _end_when_hurried(heeded: Sequence[int]) -> None:
    """Watch from a thread: a handler has to wait for the main thread, which may be held up."""
    _once_for_forks()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    former = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    if former != -1:  # the thread before this one ends with its pipe
        os.close(former)

    def watch() -> None:
        heard = 0
        while heard < 2:
            numbers = os.read(reader, 64)
            if not numbers:
                os.close(reader)
                return
            heard += sum(number in heeded for number in numbers)
        time.sleep(HURRY_SECONDS)
        with contextlib.suppress(OSError):
            os.write(ERRORS, f"error: Interrupted\nhint: {HINT}\n".encode())
        os._exit(EXIT_INTERRUPTED)

    threading.Thread(target=watch, name="hurry", daemon=True).start()


def _leave_the_watch() -> None:
    """Let a forked child's signals be its own: its parent's thread watches the pipe it shares."""
    with contextlib.suppress(ValueError):  # no main thread, whose signals they are
        if (former := signal.set_wakeup_fd(-1)) != -1:
            os.close(former)


@cache
def _once_for_forks() -> None:
    os.register_at_fork(after_in_child=_leave_the_watch)
