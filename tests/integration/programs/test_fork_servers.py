#!/usr/bin/env python3
"""Tests of shared/pipeline/run/start/fork_servers.py: a forked stage is what a started one is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.config import stage_environment
from shared.core.errors import EXIT_DEPENDENCY
from shared.core.files import sha256_of
from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.events import Event
from shared.pipeline.run.attempt import make_scratch
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.outcome import Outcome
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.start.fork_servers import ForkServers
from shared.pipeline.run.start.started import Start, execute
from shared.pipeline.run.watch import Limits
from tests.support.commands import HANG_SECONDS, copy_checkout, wait_until
from tests.support.stage_runner import lives

HEAD = """
import json, os, signal, subprocess, sys, threading, time
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from shared.config import load_config
from shared.stage_utils import StageIO
from scripts import tiny_part
print("read", file=sys.stderr)
"""
# What changed just before a process began may have been read before it did.
OLD_SECONDS = 0.3
PASSED = ("CP_EVENTS_FD", "CP_LIFELINE_FD", "CP_LOCK_FD")
TELL_ALL = f"""
stage_io = StageIO("demux", warm=("colorsys",))
print("works")
found = dict(os.environ)
del found["CP_STAGE_SCRATCH"], found["CP_START_FD"]
numbers = [int(found.pop(name)) for name in {PASSED!r}]
sys.exit(stage_io.succeed(
    variables=found, argv=sys.argv, path=sys.path, main=sys.modules["__main__"].__file__,
    is_leader=os.getsid(0) == os.getpid() == os.getpgrp(), folder=os.getcwd(),
    inherited=[os.get_inheritable(number) for number in numbers],
    open=len(os.listdir("/proc/self/fd")), threads=sorted(t.name for t in threading.enumerate()),
    handlers=[str(signal.getsignal(n)) for n in range(1, 32)], read=sys.stdin.read(),
    is_warm="colorsys" in sys.modules, retries=load_config().stage_retries,
))
"""
TELL_WHO = """
stage_io = StageIO("demux")
sys.exit(stage_io.succeed(answer=tiny_part.ANSWER, parent=os.getppid(), pid=os.getpid()))
"""


class Bench:
    """A checkout whose stage is one script, a job, and processes that work on it."""

    def __init__(self, root: Path, job_dir: Path) -> None:
        self.root, self._job_dir = root, job_dir
        self.part, self._script = root / "scripts" / "tiny_part.py", root / "scripts" / "tiny.py"
        self.log = job_dir / "tiny.log"
        self._lock = os.open(job_dir / ".tiny", os.O_RDWR | os.O_CREAT)
        if not self.part.exists():
            self.part.write_text("ANSWER = 1\n")
        self.events: list[Event] = []

    def write(self, body: str) -> None:
        """Write the script."""
        self._script.write_text(HEAD + body)
        time.sleep(OLD_SECONDS)

    def begin(self, start: Start) -> StageProcess:
        """Start the script's process."""
        scratch = make_scratch(self._job_dir, "demux")
        return StageProcess(
            [str(self.root / "venv" / "common" / "bin" / "python"), str(self._script)],
            lambda numbers: stage_environment(self._job_dir, scratch, numbers, 0, "an id"),
            StageLog(self.log, 1 << 20, ()),
            self._lock,
            grace=0.2,
            start=start,
        )

    def run(self, start: Start, seconds: float = HANG_SECONDS) -> Outcome:
        """Run the script to its end."""
        with self.begin(start) as process:
            process.go()
            return process.wait(Limits(seconds), self.events.append)


@pytest.fixture
def bench(tmp_path: Path, job_dir: Path) -> Bench:
    """A bench in this test's folder."""
    return Bench(copy_checkout(tmp_path / "checkout"), job_dir)


@pytest.fixture
def servers() -> Iterator[ForkServers]:
    """Fork servers, of which nothing is left in the end."""
    with ForkServers() as made:
        yield made
    assert [child.status() for child in psutil.Process().children(recursive=True)] == []


def told(outcome: Outcome) -> dict[str, Any]:
    """Return what a script told of itself when it succeeded."""
    assert outcome.result is not None and outcome.exit_code == 0, (outcome, outcome.printed)
    summary: dict[str, Any] = outcome.result["summary"]
    return summary


def test_a_forked_stage_is_what_a_started_one_is(bench: Bench, servers: ForkServers) -> None:
    bench.write(TELL_ALL)
    started = bench.run(execute)
    log = bench.log.read_text()
    for _ in range(2):
        bench.log.unlink()
        forked = bench.run(servers.start)
        assert told(forked) == told(started)
        assert bench.log.read_text() == log == "read\nworks\n"
        assert started.result is not None and forked.result is not None
        for part in ("code", "packages", "programs", "inputs", "parameters", "job_fields"):
            assert forked.result[part] == started.result[part], part
    assert started.result["code"]["scripts/tiny_part.py"] == sha256_of(bench.part)
    assert forked.is_measured and 5 < forked.peak_memory_mb < 2 * started.peak_memory_mb
    assert 0 < forked.cpu_seconds < started.cpu_seconds


def test_code_is_read_once_and_anew_when_it_has_changed(bench: Bench, servers: ForkServers) -> None:
    bench.write(TELL_WHO)
    first, second = (told(bench.run(servers.start)) for _ in range(2))
    assert first["parent"] == second["parent"] != os.getpid()
    bench.part.write_text("ANSWER = 22\n")
    time.sleep(OLD_SECONDS)
    changed = bench.run(servers.start)
    assert told(changed)["answer"] == 22
    assert told(changed)["parent"] not in (os.getpid(), first["parent"])
    assert changed.result is not None
    assert changed.result["code"]["scripts/tiny_part.py"] == sha256_of(bench.part)
    assert not psutil.pid_exists(first["parent"])


@pytest.mark.parametrize(
    "before",
    [
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "assert load_config().subtitle_line_length == 31",
        "os.environ['CP_JOB_DIR']",
    ],
)
def test_what_cannot_be_forked_is_started(
    bench: Bench, servers: ForkServers, before: str, job_dir: Path
) -> None:
    (job_dir / ".job-1.env").write_text("SUBTITLE_LINE_LENGTH=31\n")
    bench.write(before + TELL_WHO)
    assert [told(bench.run(servers.start))["parent"] for _ in range(4)] == [os.getpid()] * 4


def test_a_server_that_dies_takes_no_attempt_with_it(bench: Bench, servers: ForkServers) -> None:
    bench.write(TELL_WHO)
    first = told(bench.run(servers.start))
    assert first["parent"] != os.getpid()
    os.kill(first["parent"], signal.SIGKILL)
    after = [told(bench.run(servers.start))["parent"] for _ in range(2)]
    assert first["parent"] not in after


def test_a_server_that_dies_during_an_attempt_has_it_tried_again(
    bench: Bench, servers: ForkServers
) -> None:
    bench.write('stage_io = StageIO("demux")\nstage_io.ready()\ntime.sleep(600)')
    with bench.begin(servers.start) as process:
        process.go()
        parent = psutil.Process(process.pid).ppid()
        assert parent != os.getpid()
        wait_until(lambda: psutil.Process(process.pid).num_threads() > 1)
        os.kill(parent, signal.SIGKILL)
        outcome = process.wait(Limits(HANG_SECONDS), bench.events.append)
    assert outcome.exit_code == EXIT_DEPENDENCY  # which is tried again
    assert "has died" in bench.log.read_text()
    assert not lives(process.pid)


def test_how_a_forked_stage_ends_is_told(bench: Bench, servers: ForkServers) -> None:
    bench.write('StageIO("demux")\nos.kill(os.getpid(), signal.SIGSEGV)')
    assert bench.run(servers.start).exit_code == -signal.SIGSEGV
    bench.write('StageIO("demux")\nraise RuntimeError("no way")')
    outcome = bench.run(servers.start)
    assert outcome.exit_code == 1 and outcome.result is not None
    assert outcome.result["reason"].endswith("no way")
    child = "subprocess.Popen(['sleep', '600'], start_new_session=True)"
    bench.write(f'StageIO("demux")\n{child}\ntime.sleep(600)')
    outcome = bench.run(servers.start, seconds=1.0)
    assert (outcome.excess, outcome.exit_code) == ("time", -signal.SIGTERM)


def test_nothing_of_it_outlives_a_killed_owner(bench: Bench, tmp_path: Path) -> None:
    bench.write('stage_io = StageIO("demux")\ntime.sleep(600)')
    owner = tmp_path / "owner.py"
    owner.write_text(
        f"import sys, time\nsys.path.insert(0, {str(PROJECT_ROOT)!r})\n"
        "from pathlib import Path\n"
        "from shared.pipeline.run.start.fork_servers import ForkServers\n"
        "from tests.integration.programs.test_fork_servers import Bench\n"
        f"bench = Bench(Path({str(bench.root)!r}), Path({str(bench.log.parent)!r}))\n"
        "servers = ForkServers()\nprocess = bench.begin(servers.start)\n"
        "process.go()\nprint(process.pid, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, owner], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            stage = psutil.Process(int(process.stdout.readline()))
            server = psutil.Process(stage.ppid())
            wait_until(lambda: stage.num_threads() > 1)
        finally:
            process.kill()
    assert server.pid != process.pid
    wait_until(lambda: not lives(stage.pid) and not lives(server.pid))
