#!/usr/bin/env python3
"""
Stage runner: small real programs run as the processes of stages are run.

Usage:
    from tests.support.stage_runner import Runner

    outcome = Runner(tmp_path).run("sys.exit(7)")
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from shared.pipeline.job.events import Event
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.outcome import Outcome
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.watch import Limits
from tests.support.commands import HANG_SECONDS
from tests.support.programs import make_program


class Runner:
    """Runs programs as stages are run, in a folder of its own.

    Args:
        folder: Where programs, log and marks lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "stage.log"
        self.lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
        self.events: list[Event] = []

    def environment(self, descriptors: Mapping[str, int]) -> dict[str, str]:
        """Return a stage's variables."""
        numbers = {name: str(number) for name, number in descriptors.items()}
        return {**os.environ, **numbers, "CP_STAGE_SCRATCH": str(self.folder / "scratch")}

    def start(
        self,
        body: str,
        cap: int = 1 << 20,
        grace: float = 0.2,
        secrets: tuple[str, ...] = (),
        stop: Stop | None = None,
        uses_project: bool = False,
    ) -> StageProcess:
        """Start a program."""
        program = make_program(self.folder / "program", body, uses_project)
        command = [str(program), "ignored"]
        log = StageLog(self.log, cap, secrets)
        process = StageProcess(command, self.environment, log, self.lock, grace, secrets, stop)
        process.go()
        return process

    def run(
        self,
        body: str,
        timeout: float = HANG_SECONDS,
        cap: int = 1 << 20,
        uses_project: bool = False,
        **limits: Any,
    ) -> Outcome:
        """Run a program to its end."""
        with self.start(body, cap=cap, uses_project=uses_project) as process:
            return process.wait(Limits(timeout, **limits), self.events.append)

    def interrupt(self, event: Event) -> None:
        """Listen as a user who interrupts the run at the first event."""
        self.events.append(event)
        raise KeyboardInterrupt

    def told_pids(self) -> list[int]:
        """Return the process ids that programs told."""
        return [event["pid"] for event in self.events if event["event"] == "pid"]


def lives(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
