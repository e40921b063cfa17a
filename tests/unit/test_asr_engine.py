#!/usr/bin/env python3
"""Tests of shared/pipeline/prepare/asr_engine.py."""

from __future__ import annotations

import json
import venv
from pathlib import Path

import pytest

from shared.core.environment_stamp import STAMP_NAME, STAMP_VERSION
from shared.environment_manager import STAGE_ENGINES, EnvironmentManager
from shared.pipeline.prepare.asr_engine import (
    default_asr_engine,
    default_batch_size,
    recognition_device,
    usual_batch_size,
)


def test_apples_gpu_is_used_where_its_environment_is(tmp_path: Path) -> None:
    manager = EnvironmentManager(tmp_path, profile="mlx")
    assert default_asr_engine("mps", manager) == "whisperx"
    folder = manager.folder("mlx")
    venv.create(folder, symlinks=True, with_pip=False)
    assert default_asr_engine("mps", manager) == "whisperx"
    manager.lock_file("mlx").parent.mkdir(parents=True)
    manager.lock_file("mlx").touch()
    stamp = dict.fromkeys(("lock_sha256", "torch_source", "python"), "")
    stamp |= {"schema_version": STAMP_VERSION, "entries": [], "distributions": []}
    (folder / STAMP_NAME).write_text(json.dumps(stamp))
    assert default_asr_engine("mps", manager) == "mlx"
    for device in ("cpu", "cuda", "cuda:1"):
        assert default_asr_engine(device, manager) == "whisperx"


@pytest.mark.parametrize(
    ("engine", "device", "used"),
    [
        *(("whisperx", name, name) for name in ("cpu", "cuda", "cuda:1")),
        ("whisperx", "mps", "cpu"),
        ("mlx", "mps", "mps"),
        ("mlx", "cuda", "cpu"),
        ("mlx", "cpu", "cpu"),
    ],
)
def test_an_engine_works_on_the_device_if_it_can(engine: str, device: str, used: str) -> None:
    assert engine in STAGE_ENGINES["asr"]
    assert recognition_device(engine, device) == used


@pytest.mark.parametrize(
    ("engine", "device", "suitable", "free_mb", "model_mb", "batch"),
    [
        ("whisperx", "cuda", 16, 40_000, 3090, 16),
        ("whisperx", "cuda", 16, 6_000, 3090, 7),
        ("whisperx", "cuda", 16, 6_000, 0, 7),
        ("whisperx", "cuda:1", 16, 4_600, 3090, 1),
        ("whisperx", "cuda", 16, 500, 3090, 1),
        ("whisperx", "cuda", 16, 2_000, 150, 16),
        ("whisperx", "cuda", 16, 600, 150, 1),
        ("whisperx", "cuda", 16, None, 3090, 16),
        ("whisperx", "cpu", 8, 500, 3090, 8),
        ("mlx", "mps", 16, None, 3090, 1),
    ],
)
def test_a_batch_fits_the_memory_that_is_free(
    engine: str, device: str, suitable: int, free_mb: int | None, model_mb: int, batch: int
) -> None:
    assert default_batch_size(engine, device, suitable, free_mb, model_mb) == batch


def test_what_was_not_measured_is_as_usual() -> None:
    assert [usual_batch_size("cpu", 8), usual_batch_size("cuda", 16)] == [4, 8]
    assert usual_batch_size("cuda", 4) == 4
