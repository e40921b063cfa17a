#!/usr/bin/env python3
"""
Reading copies: transcript.txt and .tsv say what a mended transcript.json says.

They are made by the stage that makes transcript.json, and a person mends that one; what he wrote
into a copy itself stays, and a run tells that nothing is made from it.

Usage:
    from shared.pipeline.jobs.reading_copies import renew_reading_copies

    renew_reading_copies(job_dir)
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from shared.core.errors import PipelineError
from shared.core.files import read_json, sha256_of, write_text
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import OutputFile
from shared.stage_order import get_stage_dir

STAGE, MENDED = "export_transcript", "transcript.json"
COPIES = ("transcript.txt", "transcript.tsv")


def renew_reading_copies(job_dir: Path) -> list[Path]:
    """Write the copies anew that are older than transcript.json and say something else.

    Killed in between, the next run goes on with it. A transcript.json that cannot be read is left
    to who reads it next.

    Args:
        job_dir: The job directory; the caller holds its lock.

    Returns:
        What was written.
    """
    folder, checkpoints = job_dir / get_stage_dir(STAGE), CheckpointManager(job_dir)
    record, older = checkpoints.load_record(STAGE), _older_copies(folder)
    if record is None or record.status != "done" or not older:
        return []
    try:
        texts = _texts(folder / MENDED)
    except (PipelineError, ValidationError):
        return []
    written = []
    for path in older:
        text, known = texts[path.name], record.outputs.get(path.name)
        is_said = path.read_bytes() == text.encode()
        if known is None or not (is_said or known.holds(path)):
            continue  # a person's own
        if is_said:
            os.utime(path)  # so that it is not compared again
        else:
            write_text(path, text)
            written.append(path)
        record.outputs[path.name] = OutputFile.of(path, sha256_of(path))
    checkpoints.save_record(record)
    return written


def _older_copies(folder: Path) -> list[Path]:
    """Return the copies that were last written before transcript.json was."""
    try:
        mended = (folder / MENDED).stat().st_mtime_ns
        there = [folder / name for name in COPIES if (folder / name).is_file()]
        return [path for path in there if path.stat().st_mtime_ns < mended]
    except FileNotFoundError:
        return []


def _texts(path: Path) -> dict[str, str]:
    """Return what the copies should say."""
    # Only where somebody mended it.
    from shared.transcript.records.export import to_text, to_tsv
    from shared.transcript.records.schemas import Transcript

    transcript = Transcript.model_validate(read_json(path))
    return dict(zip(COPIES, (to_text(transcript), to_tsv(transcript)), strict=True))
