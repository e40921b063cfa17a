#!/usr/bin/env python3
"""Tests of the stage scripts in a job where nothing was done before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.pipeline.job.checkpoint import CheckpointManager
from tests.support.jobs import files_below
from tests.support.media_job import log_of, make_job, output, run_stage


@pytest.mark.parametrize("stage", ["pyannote_vad", "alignment", "lyrics_detection", "translation"])
def test_a_stage_whose_input_is_missing_fails_with_what_to_do(
    film: Path, tmp_path: Path, stage: str
) -> None:
    job_dir = make_job(tmp_path, film, targets=("hi",))
    result = run_stage(job_dir, stage)
    assert (result.status, result.exit_code) == ("failed", 2), log_of(job_dir, stage)
    assert "missing" in result.reason or "not found" in result.reason
    assert "./run-pipeline.sh" in result.hint
    assert not output(job_dir, stage, "").exists()
    assert CheckpointManager(job_dir).load_record(stage) is None
    assert files_below(job_dir / ".scratch") == []
