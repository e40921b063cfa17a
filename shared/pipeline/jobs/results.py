#!/usr/bin/env python3
"""
Results: the files that the stages of a job have written, and which of them a person edited.

Usage:
    from shared.pipeline.jobs.results import edits, results

    results(job_dir, "subtitle_generation")     # [JobFile(...), ...]
    edits(job_dir)                              # those that are not as their stage wrote them
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from shared.core.sharing import is_sound
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.commit import EDITED_DIR
from shared.pipeline.job.output_file import OutputFile
from shared.stage_order import STAGE_ORDER, get_stage_dir

FileState = Literal["as written", "edited", "lost", "put aside"]


@dataclass(frozen=True)
class JobFile:
    """A file of a job.

    Attributes:
        stage: The stage that wrote it; '' for one that was put aside and is no stage's.
        name: Its name in the job directory: '11_subtitle_generation/film.en.srt'.
        path: Where it lies, or should.
        size: Bytes; 0 for a lost one.
        state: 'as written' by its stage; 'edited' by a person; 'lost': gone, empty or damaged;
            'put aside': an edit that its stage has since replaced.
    """

    stage: str
    name: str
    path: Path
    size: int
    state: FileState

    def as_data(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return asdict(self) | {"path": str(self.path)}


def results(job_dir: Path, stage: str | None = None) -> list[JobFile]:
    """Return the files that stages have written, in order of the stages and by name.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER; None = all.
    """
    checkpoints = CheckpointManager(job_dir, only_looks=True)
    found = []
    for one in STAGE_ORDER if stage is None else [stage]:
        record = checkpoints.load_record(one)
        for name, output in sorted(record.outputs.items()) if record is not None else ():
            path = job_dir / get_stage_dir(one) / name
            where = f"{get_stage_dir(one)}/{name}"
            found.append(JobFile(one, where, path, _size(path), _state(path, output)))
    return found


def edits(job_dir: Path) -> list[JobFile]:
    """Return what a person edited: what is in use, then what has been put aside.

    Args:
        job_dir: The job directory.
    """
    folder = job_dir / EDITED_DIR
    # Unlike rglob, walk bears folders that a run moves meanwhile.
    below = [Path(parent, name) for parent, _, names in os.walk(folder) for name in names]
    aside = [path for path in sorted(below) if path.is_file()]
    return [one for one in results(job_dir) if one.state == "edited"] + [
        JobFile("", str(path.relative_to(job_dir)), path, _size(path), "put aside")
        for path in aside
    ]


def _size(path: Path) -> int:
    """Return bytes, 0 for what is not there, or not any more: a run may be at work."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _state(path: Path, output: OutputFile) -> FileState:
    if output.loss(path):
        return "lost"
    if output.holds(path):
        return "as written"
    return "lost" if is_sound(path) else "edited"
