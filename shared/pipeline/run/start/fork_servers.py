#!/usr/bin/env python3
"""
Fork servers: for each stage of a batch one warmed process, which forks a child for each attempt.

A child is what a process is that was started for its attempt: leader of a session of its own, with
the same variables, descriptors, output and record of what ran. Where the warmed process cannot be
had, is not fit to be forked or has died, the attempt's process is started as a new program.

Usage:
    from shared.pipeline.run.start.fork_servers import ForkServers

    with ForkServers() as servers:
        process = servers.start(command, variables, descriptors, stop)
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType

from shared.config import OF_STAGES
from shared.core.configuration.forked import FORK_SERVER_VARIABLE
from shared.core.configuration.trace_context import TRACEPARENT
from shared.core.errors import EXIT_DEPENDENCY
from shared.core.machine.cpu_share import OPENMP_VARIABLE
from shared.pipeline.job.lifeline import close_own, keep_own
from shared.pipeline.run.interrupt import LOOK_SECONDS, Stop
from shared.pipeline.run.start.started import Ended, LostStartError, Started, execute
from shared.pipeline.stage.orphans import stage_begins, stage_ended

# Differ from attempt to attempt; nothing that is imported asks for them.
OF_ATTEMPTS = OF_STAGES | {TRACEPARENT, "CUDA_VISIBLE_DEVICES", OPENMP_VARIABLE}
WARM_SECONDS, ANSWER_SECONDS, END_SECONDS = 180.0, 20.0, 2.0
# The clock of files may be a little behind.
CLOCK_SECONDS = 0.1
# So often a process of the same program may be lost before it is asked for no more.
MOST_LOST = 3
ANSWER_BYTES = 64
DIED = "the warmed process that this one was forked from has died: how it ended is not known\n"


class ForkServers:
    """The warmed processes of a batch, each started when its stage comes for the first time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[tuple[str, ...], threading.Lock] = {}
        self._servers: dict[tuple[str, ...], _ForkServer] = {}
        self._lost: Counter[tuple[str, ...]] = Counter()

    def __enter__(self) -> ForkServers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._guard:
            for server in self._servers.values():
                server.close()
            self._servers.clear()

    def start(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        descriptors: Mapping[str, int],
        stop: Stop,
    ) -> Started:
        """Start a stage's process, forked where that can be had; see Start.

        Args:
            command: Interpreter and script.
            variables: All that it finds in its environment.
            descriptors: What it inherits, by the variable that tells it the number.
            stop: Who may ask to stop waiting for a process that is still importing.

        Raises:
            OSError: The process cannot be started.
            LostStartError: It may have been started, or not.
            InterruptedRun: Somebody asked to stop.
        """
        key = tuple(command)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        while not lock.acquire(timeout=LOOK_SECONDS):
            stop.check()
        try:
            started = self._forked(key, variables, descriptors, stop)
        finally:
            lock.release()
        return started or execute(command, variables, descriptors, stop)

    def _forked(
        self,
        key: tuple[str, ...],
        variables: Mapping[str, str],
        descriptors: Mapping[str, int],
        stop: Stop,
    ) -> Started | None:
        base = {name: one for name, one in variables.items() if name not in OF_ATTEMPTS}
        for _ in range(2):  # a stale one is replaced once
            server = self._server(key, base)
            if server is None or server.base != base:
                return None
            try:
                server.wait_until_warm(stop)
                forked = server.fork(variables, descriptors)
            except (OSError, LostStartError) as error:
                self._discard(key)
                self._lost[key] += 1
                if isinstance(error, LostStartError):
                    raise
                return None
            if forked is not None:
                return forked
            self._discard(key)
        return None

    def _server(self, key: tuple[str, ...], base: Mapping[str, str]) -> _ForkServer | None:
        with self._guard:
            if key not in self._servers and self._lost[key] < MOST_LOST:
                with contextlib.suppress(OSError):
                    self._servers[key] = _ForkServer(key, base)
            return self._servers.get(key)

    def _discard(self, key: tuple[str, ...]) -> None:
        with self._guard:
            self._servers.pop(key).close()


class _ForkServer:
    def __init__(self, command: Sequence[str], base: Mapping[str, str]) -> None:
        self.base = dict(base)
        self._is_warm = False
        ours, theirs = socket.socketpair()
        told = f"{theirs.fileno()} {time.time() - CLOCK_SECONDS}"
        with contextlib.closing(theirs), tempfile.TemporaryFile() as said, stage_begins() as begun:
            self._process = subprocess.Popen(
                list(command),
                env=self.base | {FORK_SERVER_VARIABLE: told},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
            begun(self._process.pid)
        self._descriptor = keep_own(ours.fileno())
        self._socket = ours

    def wait_until_warm(self, stop: Stop) -> None:
        """Wait until it has imported what it imports.

        Raises:
            OSError: It has ended, or does not come to an end with that.
            InterruptedRun: Somebody asked to stop.
        """
        deadline = time.monotonic() + WARM_SECONDS
        self._socket.settimeout(LOOK_SECONDS)
        while not self._is_warm:
            stop.check()
            with contextlib.suppress(TimeoutError):
                self._hear()
                self._is_warm = True
            if time.monotonic() > deadline:
                raise TimeoutError

    def fork(self, variables: Mapping[str, str], descriptors: Mapping[str, int]) -> Started | None:
        """Have it fork a child; None where its code is not what lies there now.

        Raises:
            OSError: It has ended before it was asked.
            LostStartError: It has ended, or does not answer.
        """
        body = json.dumps({"variables": dict(variables), "names": list(descriptors)}).encode()
        output, output_write = os.pipe()
        status, status_write = os.pipe()
        passed = [status_write, output_write, *descriptors.values()]
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(os.close, output)
            on_failure.callback(os.close, status)
            self._socket.settimeout(ANSWER_SECONDS)
            try:
                socket.send_fds(self._socket, [f"{len(body):08x}".encode()], passed)
            finally:
                os.close(output_write)
                os.close(status_write)
            try:
                self._socket.sendall(body)
                answer = self._hear()
            except OSError as error:
                raise LostStartError from error
            if answer == "stale":
                return None
            on_failure.pop_all()
        return _Forked(int(answer), output, status)

    def close(self) -> None:
        """End it; what it has forked goes on."""
        close_own(self._descriptor)
        self._socket.detach()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:  # it is importing something
            self._process.kill()
            self._process.wait()
        stage_ended(self._process.pid)

    def _hear(self) -> str:
        """Return a line that it says.

        Raises:
            OSError: It has ended, or says nothing in time.
        """
        line = b""
        while not line.endswith(b"\n"):
            block = self._socket.recv(ANSWER_BYTES)
            if not block:
                raise ConnectionError
            line += block
        return line.decode().strip()


class _Forked:
    def __init__(self, pid: int, output: int, status: int) -> None:
        with stage_begins() as begun:  # it is no orphan either when its parent dies
            begun(pid)
        self.pid = pid
        self.output = keep_own(output)
        self._status = keep_own(status)
        os.set_blocking(status, False)

    def poll(self) -> Ended | None:
        try:
            told = os.read(self._status, ANSWER_BYTES * 4)
        except BlockingIOError:
            return None
        stage_ended(self.pid)
        if not told:
            self._bury()
            return Ended(EXIT_DEPENDENCY, remark=DIED)
        code, cpu_seconds, most = json.loads(told)
        return Ended(code, cpu_seconds, most, is_own=True)

    def close(self) -> None:
        for descriptor in (self.output, self._status):
            close_own(descriptor)

    def _bury(self) -> None:
        """End a child that nobody waits for any more, and wait for it if it has come to us."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.waitpid(self.pid, 0)


def can_fork() -> bool:
    """Return whether processes of this system may be forked once they have libraries."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")
