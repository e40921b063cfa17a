#!/usr/bin/env python3
"""
Clusters: a scheduler and workers as people start them, each in a folder of its own.

Where the user may make network namespaces, each worker has one, and sees none of the batch's
folders.

Usage:
    from tests.support.clusters import Cluster

    with Cluster(tmp_path) as cluster:
        cluster.start_worker("one")
        run_batch(films, "--scheduler", cluster.address)
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.batch.cluster.trust import AUTHORITY
from tests.support.commands import HANG_SECONDS
from tools.cluster_certificates import make_certificates

WORKER = str(PROJECT_ROOT / "tools" / "worker.sh")
NETWORK = "10.213.77."
AT_WORK = "is at work"


class Cluster:
    """A scheduler and its workers.

    Args:
        place: An empty folder.
        before: A program that starts the scheduler, with its arguments.
        host: Where it is reached.
    """

    def __init__(self, place: Path, before: Sequence[str] = (), host: str = "127.0.0.1") -> None:
        self.place = place
        self._before = before
        port = _free_port()
        self.address = f"tls://{host}:{port}"
        self._port = port
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, tuple[Sequence[str], str]] = {}
        self._logs: list[IO[bytes]] = []
        if not (place / "trust" / AUTHORITY).exists():
            make_certificates(place / "trust")
        os.environ["CP_CLUSTER_CERTIFICATES"] = str(place / "trust")

    def __enter__(self) -> Cluster:
        command = [*self._before, WORKER, "--scheduler", "--port", str(self._port)]
        self._start("scheduler", command, "Scheduler at")
        return self

    def __exit__(self, *told: object) -> None:
        os.environ.pop("CP_CLUSTER_CERTIFICATES", None)
        for process in self._processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for log in self._logs:
            log.close()

    def start_worker(self, name: str, before: Sequence[str] = ()) -> None:
        """Start a worker and wait until it is at work.

        Args:
            name: Its own.
            before: A program that starts it, with its arguments.
        """
        folder = str(self.place / f"worker-{name}")
        command = [*before, WORKER, self.address, "--folder", folder, "--name", name]
        self._start(name, command, AT_WORK)

    def kill(self, name: str) -> None:
        """Kill a worker, with all that it runs.

        Args:
            name: The worker's.
        """
        os.killpg(self._processes[name].pid, signal.SIGKILL)

    def restart(self, name: str) -> None:
        """Kill a worker or the scheduler and start it again, as a service would be.

        Args:
            name: The worker's, or 'scheduler'.
        """
        self.kill(name)
        self._processes[name].wait()
        self._start(name, *self._commands[name])

    def drain(self, name: str) -> int:
        """Have a worker end what it has; return its exit code.

        Args:
            name: The worker's.
        """
        self._processes[name].terminate()
        return self._processes[name].wait(HANG_SECONDS)

    def told(self, name: str) -> str:
        """Return what a worker has told.

        Args:
            name: The worker's.
        """
        return (self.place / f"{name}.log").read_text("utf-8")

    def is_working(self, name: str) -> bool:
        """Return whether a worker has an attempt.

        Args:
            name: The worker's.
        """
        return any((self.place / f"worker-{name}" / "jobs").glob("*"))

    def _start(self, name: str, command: Sequence[str], sign: str) -> None:
        log = (self.place / f"{name}.log").open("wb")
        self._logs.append(log)
        self._commands[name] = command, sign
        self._processes[name] = subprocess.Popen(
            list(command), stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        until(lambda: sign in self.told(name))


class Namespaces:
    """A namespace for the batch and one for each worker, joined by a bridge.

    Args:
        workers: Their names.
    """

    def __init__(self, workers: Sequence[str]) -> None:
        self._workers = list(workers)
        self._mark = f"cpw{os.getpid() % 100_000}"

    @property
    def host(self) -> str:
        """The batch's address."""
        return NETWORK + "1"

    def __enter__(self) -> Namespaces:
        ip("netns", "add", self._mark)
        home = ("-n", self._mark, "link")
        ip(*home, "set", "lo", "up")
        ip(*home, "add", "bridge", "type", "bridge")
        ip(*home, "set", "bridge", "up")
        ip("-n", self._mark, "addr", "add", f"{self.host}/24", "dev", "bridge")
        for number, name in enumerate(self._workers):
            own = self._mark + name
            ip("netns", "add", own)
            ip(*home, "add", name, "type", "veth", "peer", "name", "eth0", "netns", own)
            ip(*home, "set", name, "master", "bridge", "up")
            ip("-n", own, "link", "set", "lo", "up")
            ip("-n", own, "link", "set", "eth0", "up")
            ip("-n", own, "addr", "add", f"{NETWORK}{number + 10}/24", "dev", "eth0")
        return self

    def __exit__(self, *told: object) -> None:
        for name in (*self._workers, ""):
            ip("netns", "del", self._mark + name)

    def home(self) -> list[str]:
        """Return what starts a program where the batch is."""
        return ["ip", "netns", "exec", self._mark]

    def worker(self, name: str, hidden: Path) -> list[str]:
        """Return what starts a program where a worker is.

        Args:
            name: The worker's.
            hidden: A folder that it does not see.
        """
        script = 'mount -t tmpfs none "$1" && shift && exec "$@"'
        hide = ["unshare", "--mount", "sh", "-c", script, "sh", str(hidden)]
        return ["ip", "netns", "exec", self._mark + name, *hide]

    def cut(self, name: str) -> None:
        """Cut a worker's link.

        Args:
            name: The worker's.
        """
        ip("-n", self._mark, "link", "set", name, "down")

    def mend(self, name: str) -> None:
        """Mend a worker's link.

        Args:
            name: The worker's.
        """
        ip("-n", self._mark, "link", "set", name, "up")


def why_no_namespaces() -> str:
    """Return why namespaces cannot be made here, '' where they can."""
    if shutil.which("ip") is None:
        return "no 'ip' (iproute2)"
    name = f"cpwtry{os.getpid() % 100_000}"
    try:
        ip("netns", "add", name)
        ip("-n", name, "link", "add", "bridge", "type", "bridge")
        ip("netns", "del", name)
    except subprocess.CalledProcessError as error:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        return f"no network namespaces here: {error.stderr.strip()}"
    return ""


def ip(*arguments: str) -> None:
    """Run ip.

    Args:
        arguments: Its own.
    """
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def until(is_so: object, seconds: float = HANG_SECONDS) -> None:
    """Wait until something is so.

    Args:
        is_so: Says whether it is.
        seconds: Longest wait.
    """
    assert callable(is_so)
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])
