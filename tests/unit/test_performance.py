#!/usr/bin/env python3
"""Tests of shared/pipeline/stage/performance.py and of what a run tells of budgets and profiles."""

from __future__ import annotations

import io
import json
import pstats
import time
from pathlib import Path

import pytest

from shared.logger import PipelineLogger
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.plan import budgets
from shared.pipeline.plan.budgets import Work
from shared.pipeline.run import attempt as attempts
from shared.pipeline.stage.performance import profile_stage, track_performance
from tests.support.commands import HANG_SECONDS, assert_refused, run_script
from tests.unit.test_stage_state import DONE, attempt


def test_a_block_is_measured_also_when_it_raises() -> None:
    stream = io.StringIO()
    logger = PipelineLogger("measured", log_format="json", stream=stream)
    with pytest.raises(KeyError), track_performance("asr", logger):
        raise KeyError
    line = json.loads(stream.getvalue())
    assert line["message"] == "Performance metrics" and line["stage"] == "asr"
    assert (
        0 <= line["duration_seconds"] < HANG_SECONDS and {"memory_mb", "timestamp"} <= line.keys()
    )


def test_a_block_over_its_budget_is_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(budgets.PERFORMANCE_BUDGETS, "mux", 0.0)
    monkeypatch.setitem(budgets.MEMORY_BUDGETS_MB, "mux", 1)
    stream = io.StringIO()
    with track_performance("mux", PipelineLogger("measured", stream=stream), Work(minutes=2.0)):
        time.sleep(0.1)
    assert "WARNING  [cp.measured] Stage mux exceeded its time budget: " in stream.getvalue()
    assert "(2.0 min of film on cpu)" in stream.getvalue()
    assert "Stage mux exceeded its memory budget: " in stream.getvalue()


def test_a_function_is_profiled_and_its_result_returned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "profiling" / "asr_stage.prof"
    assert profile_stage(lambda: sum(sorted([3, 1, 2])), target) == 6
    assert "cumulative" in capsys.readouterr().out
    assert any("sorted" in name for _, _, name in pstats.Stats(str(target)).stats)  # type: ignore
    with pytest.raises(ZeroDivisionError):
        profile_stage(lambda: 1 // 0, target)
    assert [path.name for path in target.parent.iterdir()] == ["asr_stage.prof"]


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
