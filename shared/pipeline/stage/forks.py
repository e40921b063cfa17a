#!/usr/bin/env python3
"""
Forks: a stage's process that has imported its libraries and forks a child for each attempt.

It is the stage's own process, started as any, up to the point at which it would be told its job:
there it waits, and each child goes on from there as if it had been started for its attempt alone.
It forks while it has one thread: before a device, a pool or a job is known. Its code is that of its
children: when a file of that has changed since, it says so and forks no more.

Usage:
    from shared.pipeline.stage.forks import serve_forks

    serve_forks(descriptor, began, warm)   # returns in the children only
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.core.identity import UNKNOWN
from shared.core.paths import PROJECT_ROOT
from shared.core.ran.running import running_code
from shared.pipeline.job.lifeline import close_own, keep_own
from shared.pipeline.job.warm import import_all

READY, STALE = b"ready\n", b"stale\n"
# What a request begins with: the length of what follows, and with it the descriptors.
HEAD = 8
MOST_DESCRIPTORS = 16
BLOCK = 1 << 16


def serve_forks(control: int, warm: Sequence[str]) -> None:
    """Import libraries, then fork a child for each request; returns in the children only.

    Ends the process when whoever asks is gone, or where forking it would not be safe.

    Args:
        control: A socket from which requests come.
        warm: Modules to import; those that this environment does not hold are left out.
    """
    keep_own(control)
    import_all(warm)
    code = running_code()
    if UNKNOWN in code.values() or _threads() != 1:
        sys.exit("This process cannot be forked")
    gc.collect()
    gc.freeze()  # the collector of a child leaves what it shares with this process alone
    _Server(socket.socket(fileno=control), list(code)).serve()


class _Server:
    def __init__(self, control: socket.socket, files: Sequence[str]) -> None:
        self._control = control
        self._files = [PROJECT_ROOT / name for name in files]
        self._states = self._look()
        self._selector = selectors.DefaultSelector()
        keep_own(self._selector.fileno())
        self._selector.register(control, selectors.EVENT_READ)

    def serve(self) -> None:
        """Fork and wait for what was forked, until the other end is closed."""
        self._control.sendall(READY)
        while True:
            for key, _ in self._selector.select():
                if key.data is not None:
                    self._tell_end(key.fd, *key.data)
                elif self._is_forked():
                    return

    def _is_forked(self) -> bool:
        """Answer one request; return whether this is the child that was asked for."""
        head, descriptors, _, _ = socket.recv_fds(self._control, HEAD, MOST_DESCRIPTORS)
        if len(head) < HEAD:
            os._exit(0)  # nobody asks any more, and nothing here is to be told
        asked = json.loads(_read(self._control, int(head, 16)))
        if self._look() != self._states:
            for descriptor in descriptors:
                os.close(descriptor)
            self._control.sendall(STALE)
            return False
        status = keep_own(descriptors.pop(0))
        pid = os.fork()
        if not pid:
            self._control.detach()
            _become(asked["variables"], asked["names"], descriptors)
            return True
        for descriptor in descriptors:
            os.close(descriptor)
        self._selector.register(keep_own(os.pidfd_open(pid)), selectors.EVENT_READ, (pid, status))
        self._control.sendall(f"{pid}\n".encode())
        return False

    def _tell_end(self, descriptor: int, pid: int, status: int) -> None:
        """Wait for a child that has ended and tell how."""
        self._selector.unregister(descriptor)
        close_own(descriptor)
        _, code, usage = os.wait4(pid, 0)
        told = [
            os.waitstatus_to_exitcode(code),
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss,
        ]
        with contextlib.suppress(OSError):  # nobody listens any more
            os.write(status, json.dumps(told).encode())
        close_own(status)

    def _look(self) -> list[tuple[int, int, int, int] | None]:
        """Return what tells that a file of the code is another one."""
        return [_state(path) for path in self._files]


def _become(variables: Mapping[str, str], names: Sequence[str], descriptors: Sequence[int]) -> None:
    """Make this child what a process is that was started for one attempt."""
    os.setsid()
    output, *others = descriptors
    said = os.pread(1, BLOCK, 0)  # libraries may have something to say when they are imported
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    os.write(1, said)
    os.environ.clear()
    os.environ.update(variables)
    for name, descriptor in zip(names, others, strict=True):
        os.set_inheritable(descriptor, True)
        os.environ[name] = str(descriptor)


def _read(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        block = connection.recv(length - len(parts))
        if not block:
            os._exit(0)
        parts += block
    return bytes(parts)


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _state(path: Path) -> tuple[int, int, int, int] | None:
    with contextlib.suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
    return None
