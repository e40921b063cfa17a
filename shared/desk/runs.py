#!/usr/bin/env python3
"""
Runs: ./run-pipeline.sh started for a job, as a person would in a terminal.

A run is a process of its own: it goes on when the desk ends. Its output goes to a file without a
name, of which the last lines are told where it failed.

Usage:
    from shared.desk.runs import Runs

    runs = Runs()
    runs.start(job_dir, job, "mux")
    runs.told(job_dir)      # {"exit_code": None, "said": ""} while it goes on
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.job import Job
from shared.pipeline.job.lock import RunningJobError, lock_state
from shared.pipeline.plan.selection import Selection, check_stage, selected_stages

COMMAND = PROJECT_ROOT / "run-pipeline.sh"
TAIL_BYTES = 4_000


@dataclass
class _Run:
    process: subprocess.Popen[bytes]
    output: IO[bytes]


def begin(command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a command of ours in a session of its own.

    Args:
        command: Program and arguments.
        output: Gets what it says.

    Returns:
        Its process; whoever began it waits for its end.
    """
    return subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


class Runs:
    """The runs that one desk has started, the latest of each job."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._runs: dict[Path, _Run] = {}

    def start(self, job_dir: Path, job: Job, first: str | None) -> None:
        """Start a run.

        Args:
            job_dir: The job directory.
            job: Its job.json.
            first: Leave earlier stages alone; None = run whatever has to be done.

        Raises:
            RunningJobError: One is at work.
            InputError: The job's workflow has no such stage.
        """
        options = []
        if first is not None:
            selected_stages(job.workflow, Selection(first=check_stage(first, "from")))
            options = ["--from", first]
        with self._turn:
            known = self._runs.get(job_dir)
            is_ours = known is not None and known.process.poll() is None
            if is_ours or lock_state(job_dir).is_held:
                raise RunningJobError("A run of this job is at work", "Wait for it to end", job_dir)
            output = tempfile.TemporaryFile()
            process = begin([str(COMMAND), job.workflow, str(job_dir), *options], output)
            if known is not None:
                known.output.close()
            self._runs[job_dir] = _Run(process, output)

    def told(self, job_dir: Path) -> dict[str, Any] | None:
        """Return exit code and last lines of the latest run, None where this desk started none.

        Args:
            job_dir: The job directory.
        """
        with self._turn:
            run = self._runs.get(job_dir)
            if run is None:
                return None
            code = run.process.poll()
            if not code:
                return {"exit_code": code, "said": ""}
            size = os.fstat(run.output.fileno()).st_size
            said = os.pread(run.output.fileno(), TAIL_BYTES, max(0, size - TAIL_BYTES))
            return {"exit_code": code, "said": said.decode("utf-8", "replace")}
