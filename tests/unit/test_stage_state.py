#!/usr/bin/env python3
"""Tests of the states that callers save beside the records of stages (standards 11.2)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from shared.pipeline.job.checkpoint import CheckpointManager
from shared.stage_order import STAGE_ORDER
from tests.support.checkpoints import make_checkpoint


def test_the_sample_of_the_standards(tmp_path: Path) -> None:
    checkpoint_mgr = CheckpointManager(tmp_path)
    assert checkpoint_mgr.get_last_completed_stage() is None
    assert checkpoint_mgr.load_checkpoint("asr") is None
    for stage in ("asr", "demux"):  # 'demux' would come last by its name, 'asr' does by its number
        checkpoint_mgr.save_checkpoint(stage, {"segments_count": 3, "duration": 5400.5})
    again = CheckpointManager(tmp_path)
    assert again.load_checkpoint("asr") == {"segments_count": 3, "duration": 5400.5}
    assert again.get_last_completed_stage() == "asr"
    assert STAGE_ORDER[STAGE_ORDER.index("asr") + 1] == "alignment"
    written = json.loads((tmp_path / ".checkpoints" / "asr.state.json").read_text())
    assert written.keys() == {"stage", "timestamp", "state", "completed"}


def test_a_state_lies_beside_the_record_and_goes_with_it(tmp_path: Path) -> None:
    manager = CheckpointManager(tmp_path)
    record = make_checkpoint("asr", summary={"segments": 7})
    manager.save_record(record)
    assert manager.load_checkpoint("asr") == {"segments": 7, "status": "done", "seconds": 1.0}
    manager.save_checkpoint("asr", {"mine": "कुछ"})
    assert manager.load_checkpoint("asr") == {"mine": "कुछ"}
    assert manager.load_record("asr") == record
    manager.remove_record("asr")
    assert manager.load_checkpoint("asr") is None


def test_what_json_cannot_hold_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    manager = CheckpointManager(tmp_path)
    manager.save_checkpoint("asr", {"a": 1})
    endless: dict[str, object] = {}
    endless["self"] = endless
    for state in ({"path": tmp_path}, {"a": {1, 2}}, endless):
        with pytest.raises((TypeError, ValueError)):
            manager.save_checkpoint("asr", state)
    assert manager.load_checkpoint("asr") == {"a": 1}
    assert os.listdir(tmp_path / ".checkpoints") == ["asr.state.json"]
    manager.save_checkpoint("asr", {"name": "caf\udce9"})
    assert manager.load_checkpoint("asr") == {"name": "caf\udce9"}


@pytest.mark.parametrize("stage", ["../asr", "", "ASR", "06_asr", "."])
def test_an_unknown_stage_is_refused(tmp_path: Path, stage: str) -> None:
    manager = CheckpointManager(tmp_path)
    with pytest.raises(ValueError, match="There is no stage"):
        manager.save_checkpoint(stage, {})
    with pytest.raises(ValueError, match="There is no stage"):
        manager.load_checkpoint(stage)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"stage": "mux"}', "\udcff"])
def test_a_damaged_state_is_told_and_put_aside(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manager = CheckpointManager(tmp_path)
    manager.save_checkpoint("demux", {})
    path = tmp_path / ".checkpoints" / "asr.state.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    looking = CheckpointManager(tmp_path, only_looks=True)
    assert looking.load_checkpoint("asr") is None and path.is_file()
    assert manager.get_last_completed_stage() == "demux"
    assert not path.exists() and path.with_name("asr.state.json.broken").is_file()
    assert "asr.state.json.broken" in capsys.readouterr().err


def test_a_secret_is_kept_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMDB_API_KEY", "hush-hush")
    CheckpointManager(tmp_path).save_checkpoint("tmdb", {"address": "http://x/?key=hush-hush"})
    assert "hush" not in (tmp_path / ".checkpoints" / "tmdb.state.json").read_text()
