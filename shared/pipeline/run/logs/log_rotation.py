#!/usr/bin/env python3
"""
Log rotation: the logs of a job by size and age (standards 5.5), before a run writes to them.

A stage's log goes on over all runs: full or old, it is put aside as `<log>.1`, what was there
before as `.2`, and so on. Each run has a log of its own, `99_pipeline_<time>.log`: old ones go, but
for the latest.

Usage:
    from shared.pipeline.run.logs.log_rotation import LogLimits, put_old_logs_aside

    put_old_logs_aside(job_dir / LOGS_DIR, LogLimits(size=50 << 20, days=30.0, backups=3))
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

RUN_LOGS = "99_pipeline_"
STAGE_LOGS = "[0-9]*_*.log"
SECONDS_OF_DAY = 86_400.0


@dataclass(frozen=True)
class LogLimits:
    """When a log is put aside: its size in bytes, days since its last line; how many are kept."""

    size: int
    days: float
    backups: int


def new_run_log(logs: Path) -> Path:
    """Return the log of a run that begins now; another one of the same second has its own.

    Args:
        logs: The folder of a job's logs.
    """
    stamp = datetime.now().strftime("%Y%m%d_%H%M%S")
    path, number = logs / f"{RUN_LOGS}{stamp}.log", 1
    while path.exists():
        number += 1
        path = logs / f"{RUN_LOGS}{stamp}_{number}.log"
    return path


def put_old_logs_aside(logs: Path, limits: LogLimits) -> None:
    """Put full and old logs aside, and drop what is more than is kept.

    Args:
        logs: The folder of a job's logs.
        limits: Size, age and number.
    """
    runs = sorted(logs.glob(RUN_LOGS + "*.log"), reverse=True)
    for log in runs[limits.backups :]:
        if _is_old(log, limits):
            for path in logs.glob(f"{log.name}*"):
                path.unlink()
    for log in logs.glob(STAGE_LOGS):
        if log in runs:
            continue
        if log.stat().st_size >= limits.size or _is_old(log, limits):
            _put_aside(log, limits.backups)
        _drop(log, limits.backups)


def _put_aside(log: Path, backups: int) -> None:
    for number in range(backups, 0, -1):
        source = log if number == 1 else _backup(log, number - 1)
        if source.exists():
            source.replace(_backup(log, number))
    log.unlink(missing_ok=True)


def _drop(log: Path, backups: int) -> None:
    """Remove backups beyond the number, as a smaller setting leaves them."""
    number = backups + 1
    while _backup(log, number).exists():
        _backup(log, number).unlink()
        number += 1


def _backup(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def _is_old(log: Path, limits: LogLimits) -> bool:
    return time.time() - log.stat().st_mtime > limits.days * SECONDS_OF_DAY
