#!/usr/bin/env python3
"""
Fault job: the copied checkout and the job of the fault harness, and what of a job must be equal.

Usage:
    from tests.support.fault_job import job_of, make_checkout, snapshot

    checkout = make_checkout(folder / "checkout")
    snapshot(job_of(root)) == snapshot(job_of(other))
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from shared.core.files import sha256_of
from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.places import PAGE_FILE
from tests.support.commands import HALF_COMPILED

LAYER = Path(__file__).resolve().parent / "fault_layer"
# What differs from run to run: times, measures, inodes, how often it was tried, and whether the
# cache could be read.
PASSING = {"finished_at", "seconds", "peak_memory_mb", "mtime_ns", "inode", "attempt"}
PASSING |= {"reused_from", "cpu_seconds"}
# What a run tells about itself, and where it was.
TOLD = ("logs", "events.jsonl", ".lock", PAGE_FILE)


def make_checkout(root: Path) -> Path:
    """Copy this checkout; its Python loads the fault layer when a fault is asked for."""
    root.mkdir(parents=True)
    for folder in ("scripts", "shared", "config", "requirements"):
        ignored = shutil.ignore_patterns(HALF_COMPILED, "secrets.json")
        shutil.copytree(PROJECT_ROOT / folder, root / folder, ignore=ignored)
    for name in ("run-pipeline.sh", "prepare-job.sh"):
        shutil.copy2(PROJECT_ROOT / name, root)
    real, common = PROJECT_ROOT / "venv" / "common", root / "venv" / "common"
    (common / "bin").mkdir(parents=True)
    for entry in real.iterdir():
        if entry.name != "bin":
            (common / entry.name).symlink_to(entry)
    python = common / "bin" / "python"
    python.write_text(
        "#!/bin/sh\nunset COVERAGE_PROCESS_CONFIG COVERAGE_PROCESS_START\n"
        f'if [ -n "$FAULT_KIND" ]; then export PYTHONPATH="{LAYER}"; fi\n'
        f'exec "{real}/bin/python" "$@"\n'
    )
    python.chmod(0o755)
    return root


def job_of(root: Path) -> Path:
    """Return the one job of an output folder."""
    return next(root.glob("*/*/*/me/1"))


def committed(root: Path) -> int:
    """Return how many stages of the job of an output folder are finished."""
    return len(list((job_of(root) / ".checkpoints").glob("*.json")))


def kill(pids: list[int]) -> None:
    """Kill processes; those that are gone already do not matter."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def snapshot(job_dir: Path) -> dict[str, Any]:
    """Return every file of a job: its digest, or a record's content without what passes."""
    found: dict[str, Any] = {}
    for path in sorted(job_dir.rglob("*")):
        name = path.relative_to(job_dir)
        if path.is_file() and name.parts[0] not in TOLD:
            is_record = name.parts[0] == ".checkpoints" and path.suffix == ".json"
            content = _lasting(json.loads(path.read_bytes())) if is_record else sha256_of(path)
            found[str(name)] = content
    return found


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if k not in PASSING}
    return value
