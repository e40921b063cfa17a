#!/usr/bin/env python3
"""Tests of shared/pipeline/stage/performance.py."""

from __future__ import annotations

import io
import json
import pstats
import time
from pathlib import Path

import pytest

from shared.logger import PipelineLogger
from shared.pipeline.plan import budgets
from shared.pipeline.plan.budgets import Work
from shared.pipeline.stage.performance import profile_stage, track_performance
from tests.support.commands import HANG_SECONDS


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
