#!/usr/bin/env python3
"""
Batch folder: a batch that this process holds, as that of a real one does.

Usage:
    from tests.support.batch_folder import film_of, running_batch

    with running_batch(output_root, [film_of(job_dir, "running")]) as folder: ...
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.pipeline.batch.control import hold_batch
from shared.pipeline.batch.record import BatchRecord, FilmRecord, write_batch
from shared.pipeline.job.job import load_job


@contextmanager
def running_batch(root: Path, films: list[FilmRecord]) -> Iterator[Path]:
    """Hold a batch as its process does."""
    told: dict[str, Any] = {"key": "a", "command": ["films/"], "workflow": "subtitle"}
    told |= {"user": "tester", "host": "here", "pid": os.getpid(), "state": "running"}
    record = BatchRecord(created_at="2026-11-30T22:00:00+00:00", films=films, **told)
    with hold_batch(root, record) as folder:
        write_batch(folder, record)
        yield folder


def film_of(job_dir: Path, state: str, **told: Any) -> FilmRecord:
    """Return how a batch sees the film of a job."""
    path = load_job(job_dir).media.path
    seen = {"path": path, "state": state, "job": str(job_dir), "order": 1}
    return FilmRecord.model_validate(seen | told)
