#!/usr/bin/env python3
"""Tests of shared/pipeline/job/checkpoint.py."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from shared.core.files import sha256_of
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.job.record.manifest import Checkpoint
from tests.support.checkpoints import make_checkpoint


def test_a_checkpoint_is_read_as_it_was_saved(tmp_path: Path) -> None:
    checkpoints = CheckpointManager(tmp_path)
    saved = make_checkpoint("asr", warnings=["कुछ"], summary={"segments_count": 3})
    checkpoints.save_record(saved)
    assert checkpoints.load_record("asr") == saved
    assert os.listdir(tmp_path / ".checkpoints") == ["asr.json"]
    checkpoints.remove_record("asr")
    checkpoints.remove_record("asr")
    assert checkpoints.load_record("asr") is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"stage": "asr"}', "\udcff", "null"])
def test_what_is_no_checkpoint_is_put_aside(tmp_path: Path, content: str) -> None:
    folder = tmp_path / ".checkpoints"
    folder.mkdir()
    data = content.encode("utf-8", "surrogateescape")
    (folder / "asr.json").write_bytes(data)
    assert CheckpointManager(tmp_path).load_record("asr") is None
    assert (folder / "asr.json.broken").read_bytes() == data
    assert not (folder / "asr.json").exists()


@pytest.mark.parametrize(
    ("field", "value"), [("stage", "demux"), ("schema_version", 2), ("completed", False), ("x", 1)]
)
def test_a_foreign_or_newer_checkpoint_is_put_aside(
    tmp_path: Path, field: str, value: object
) -> None:
    folder = tmp_path / ".checkpoints"
    folder.mkdir()
    record = make_checkpoint("asr").model_dump(mode="json") | {field: value}
    (folder / "asr.json").write_text(json.dumps(record))
    assert CheckpointManager(tmp_path).load_record("asr") is None
    assert (folder / "asr.json.broken").is_file()


@pytest.mark.parametrize("name", ["a" * 256, "ä" * 128, "/".join(["a" * 200] * 6), "b" * 5000])
def test_a_record_of_a_file_that_no_disk_takes_is_put_aside(tmp_path: Path, name: str) -> None:
    (tmp_path / "fits").touch()
    record = make_checkpoint("asr", outputs=describe_outputs(tmp_path)).model_dump(mode="json")
    record["outputs"][name] = record["outputs"]["fits"]
    path = tmp_path / ".checkpoints" / "asr.json"
    path.parent.mkdir()
    path.write_text(json.dumps(record))
    assert CheckpointManager(tmp_path).load_record("asr") is None
    assert path.with_name("asr.json.broken").is_file()


def test_the_last_stage_is_the_last_in_order_not_by_name_or_time(tmp_path: Path) -> None:
    checkpoints = CheckpointManager(tmp_path)
    assert checkpoints.get_last_completed_stage() is None
    for stage in ("asr", "demux", "tmdb"):
        checkpoints.save_record(make_checkpoint(stage))
    assert checkpoints.get_last_completed_stage() == "asr"


def test_outputs_are_described_with_digest_and_size(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "inner" / "b.wav").write_bytes(b"RIFF")
    described = describe_outputs(tmp_path)
    assert list(described) == ["a.json", "inner/b.wav"]
    assert described["a.json"].sha256 == sha256_of(tmp_path / "a.json")
    assert described["inner/b.wav"].size == 4


def test_a_touched_or_changed_file_no_longer_matches(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{}")
    known = describe_outputs(tmp_path)["a.json"]
    assert known.matches(path)
    os.utime(path, ns=(0, known.mtime_ns + 1))
    assert not known.matches(path)
    os.utime(path, ns=(0, known.mtime_ns))
    assert known.matches(path)
    path.write_text("{ }")
    os.utime(path, ns=(0, known.mtime_ns))
    assert not known.matches(path)


def test_the_record_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="extra"):
        Checkpoint.model_validate(make_checkpoint("asr").model_dump() | {"extra": 1})
