#!/usr/bin/env python3
"""
Start: how the process of a stage begins: kept in bounds, told its place, waiting for its turn.

Usage:
    from shared.pipeline.stage.start import start_stage

    job_dir, stage_dir, parameters = start_stage("asr", warm=("numpy",))
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from shared import config as configuration
from shared.core.configuration.stage_parameters import Parameters, parameters_in
from shared.core.configuration.variables import variable
from shared.core.environment_lock import share_own
from shared.core.errors import InputError
from shared.core.paths import PROJECT_ROOT
from shared.core.ran.running import watch
from shared.pipeline.job.lifeline import die_with_the_orchestrator
from shared.pipeline.job.warm import wait_for_start
from shared.pipeline.stage.orphans import adopt_orphans


class Started(NamedTuple):
    """Where a stage reads and writes, and what its script can read from the configuration."""

    job_dir: Path
    stage_dir: Path
    parameters: Parameters


def start_stage(stage: str, warm: Sequence[str]) -> Started:
    """Make this process the one of a stage; returns when the orchestrator lets the stage begin.

    Args:
        stage: A name in STAGE_ORDER.
        warm: Modules to import while the stage before it still works; those that this environment
            does not hold are left out.

    Raises:
        SystemExit: The script was started by hand, or the stage is not needed.
    """
    script = Path(getattr(sys.modules["__main__"], "__file__", None) or "")
    control, began = configuration.fork_server()
    if control is not None:
        parameters = parameters_in(script)
        _serve(control, began, warm)  # what goes on from here is a child, one attempt's own
    lifeline = configuration.inherited_number(configuration.LIFELINE_FD_VARIABLE)
    adopt_orphans()
    die_with_the_orchestrator(lifeline, end_others)
    if control is None:  # while it waits for its start, not afterwards
        parameters = parameters_in(script)
    job_dir, stage_dir = _location(stage)
    watch(since=stage_dir.stat().st_mtime)  # it was made just before this process
    wait_for_start(configuration.inherited_number(configuration.START_FD_VARIABLE), warm)
    return Started(job_dir, stage_dir, parameters)


def _serve(control: int, began: float, warm: Sequence[str]) -> None:
    from shared.pipeline.stage.forks import serve_forks  # sockets: only where there are some

    share_own(PROJECT_ROOT)
    watch(since=began)
    serve_forks(control, warm)


def end_others() -> None:
    """Kill what this stage started and what left its group: nobody else will."""
    from shared.pipeline.stage.tree import end_what_is_left  # psutil: only where it is needed

    end_what_is_left(variable(configuration.SCRATCH_VARIABLE))


def _location(stage: str) -> tuple[Path, Path]:
    """Return job and scratch directory; ends the process where it was started by hand."""
    try:
        return configuration.stage_location(stage)
    except InputError as error:  # stage scripts make their StageIO before their own boundary
        print(f"error: {error.cause}\nhint: {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
