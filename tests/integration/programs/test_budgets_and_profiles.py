#!/usr/bin/env python3
"""Tests of what a run tells of a stage's budgets and writes of its profile."""

from __future__ import annotations

import json
import pstats
from pathlib import Path

import pytest

from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.plan import budgets
from shared.pipeline.run import attempt as attempts
from tests.integration.programs.test_saved_states import DONE, attempt
from tests.support.commands import assert_refused, run_script


@pytest.fixture(autouse=True)
def room_for_the_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it starts its program, a stage counts with the memory of the process of the tests."""
    monkeypatch.setitem(budgets.MEMORY_BUDGETS_MB, "demux", 1 << 16)


def test_a_stage_over_its_budget_is_told_in_log_record_and_result(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(budgets.PERFORMANCE_BUDGETS, "demux", -1.0)  # any time is too long
    result = attempt(job_dir, DONE)
    told = "exceeded its time budget: "
    assert len(result.warnings) == 1 and told in result.warnings[0]
    assert f"Stage demux {told}" in (job_dir / "logs" / "01_demux.log").read_text()
    record = CheckpointManager(job_dir).load_record("demux")
    assert record is not None and record.warnings == []
    assert [told in line for line in record.over_budget] == [True]


def test_a_stage_within_its_budget_is_not_told_of(job_dir: Path) -> None:
    result = attempt(job_dir, DONE)
    assert result.warnings == [] and not (job_dir / "logs" / "01_demux.log").read_text()
    assert attempts.spoken_words(job_dir) is None


def test_a_profile_is_written_beside_the_log(job_dir: Path) -> None:
    result = run_script(
        "run-pipeline", "transcribe", job_dir, "--to", "demux", "--profile", "demux"
    )
    assert result.returncode == 0, result.stderr
    profile = job_dir / "logs" / "01_demux.prof"
    assert f"Its profile: {profile}" in result.stderr
    called = pstats.Stats(str(profile)).stats  # type: ignore[attr-defined]
    assert "demux.py" in {Path(file).name for file, _, _ in called}
    assert "function calls" in (job_dir / "logs" / "01_demux.log").read_text()
    plan = run_script("run-pipeline", "transcribe", job_dir, "--to", "demux")
    assert "Nothing to do" in plan.stderr


def test_a_profiled_stage_ends_with_its_own_exit_code(job_dir: Path, tmp_path: Path) -> None:
    path = job_dir / "job.json"
    job = json.loads(path.read_text())
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(Path(job["media"]["path"]).read_bytes())
    job["media"]["path"], job["media"]["audio_stream"]["index"] = str(cut), 17
    path.write_text(json.dumps(job))
    result = run_script(
        "run-pipeline", "transcribe", job_dir, "--to", "demux", "--profile", "demux"
    )
    assert result.returncode not in {0, 130}, result.stderr
    assert CheckpointManager(job_dir).load_record("demux") is None


def test_a_profile_of_a_stage_that_does_not_run_is_refused(job_dir: Path) -> None:
    for options, cause in (
        (("--profile", "aser"), "Unknown stage 'aser' (--profile)"),
        (("--to", "demux", "--profile", "asr"), "--profile asr is not among the stages"),
    ):
        assert_refused(run_script("run-pipeline", "transcribe", job_dir, *options), 2, cause)
