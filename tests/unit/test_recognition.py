#!/usr/bin/env python3
"""Tests of scripts/whisper/recognition.py and how each set-up reads the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.whisper import whisperx_setup
from scripts.whisper.mlx import mlx_setup
from scripts.whisper.recognition import ENGINES, decode_options, engine_setup
from shared.config import load_config
from shared.core.ladder import Rung
from shared.core.machine.tuning import Tuning, keep_tuning, tuning_key
from shared.environment_manager import STAGE_ENGINES
from shared.stage_utils import StageIO, get_stage_logger


def rung_of(
    setup: str, job_dir: Path, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> tuple[Rung, str]:
    """Return the rung that an engine takes under settings, and what the stage warned of."""
    monkeypatch.setenv("CP_JOB_DIR", str(job_dir))
    monkeypatch.setenv("CP_STAGE_SCRATCH", str(job_dir))
    stage_io = StageIO("asr")
    get_stage_logger("asr", stage_io=stage_io)
    config = load_config(job_dir, overrides=settings)
    rung = engine_setup(setup).choose_rung(stage_io, config)
    return rung, " ".join(stage_io._warnings)


def test_every_engine_of_the_stage_has_a_set_up() -> None:
    assert set(ENGINES) == set(STAGE_ENGINES["asr"])
    assert engine_setup("auto") is engine_setup("whisperx") is whisperx_setup
    assert engine_setup("mlx") is mlx_setup


@pytest.mark.parametrize(
    ("settings", "rung"),
    [
        ({"DEVICE": "cpu"}, ("cpu", "int8", 4)),
        ({"DEVICE": "cpu", "BATCH_SIZE": "4"}, ("cpu", "int8", 4)),
        ({"DEVICE": "mps"}, ("cpu", "int8", 4)),
        (
            {"DEVICE": "cuda:1", "COMPUTE_TYPE": "auto", "BATCH_SIZE": "auto"},
            ("cuda:1", "float16", 8),
        ),
        (
            {"DEVICE": "cuda", "COMPUTE_TYPE": "int8_float16", "BATCH_SIZE": "0"},
            ("cuda", "int8_float16", 8),
        ),
        ({"DEVICE": "cuda", "COMPUTE_TYPE": "float32", "BATCH_SIZE": "1"}, ("cuda", "float32", 1)),
    ],
)
def test_whisperx_works_as_configured(
    job_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    rung: tuple[str, str, int],
) -> None:
    found, warnings = rung_of("whisperx", job_dir, monkeypatch, **settings)
    assert (found.device, found.compute_type, found.batch_size) == rung
    assert warnings == ""


@pytest.mark.parametrize(
    ("settings", "device", "words"),
    [
        ({"DEVICE": "cpu"}, "cpu", ""),
        ({"DEVICE": "mps"}, "mps", ""),
        ({"DEVICE": "cuda"}, "cpu", "MLX works on the CPU, not on cuda"),
        ({"DEVICE": "cpu", "ASR_BEAM_SIZE": "5"}, "cpu", ""),
        ({"DEVICE": "cpu", "ASR_BEAM_SIZE": "1"}, "cpu", ""),
        ({"DEVICE": "cpu", "ASR_BEAM_SIZE": "8"}, "cpu", "ASR_BEAM_SIZE=8 has no effect"),
    ],
)
def test_mlx_tells_what_it_cannot_do(
    job_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    device: str,
    words: str,
) -> None:
    found, warnings = rung_of("mlx", job_dir, monkeypatch, **settings)
    assert (found.device, found.compute_type, found.batch_size) == (device, "", 1)
    assert words in warnings and bool(words) == bool(warnings)


def test_the_rung_decides_how_much_is_heard_at_once(job_dir: Path) -> None:
    config = load_config(job_dir, overrides={"ASR_BEAM_SIZE": "3", "WHISPER_TEMPERATURE": "0, 0.5"})
    options = decode_options(config, Rung(chunk_length=14.0), None, "Krishna")
    assert (options.language, options.beam_size, options.temperatures) == (None, 3, (0.0, 0.5))
    assert (options.chunk_length, options.hotwords) == (14.0, "Krishna")


def test_threads_are_those_that_were_measured_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "hardware_cache.json"
    cache.write_text("{}")
    monkeypatch.setattr(whisperx_setup, "CACHE_FILE", cache)
    on_cpu, on_gpu = Rung("cpu", "int8", 4, 30.0), Rung("cuda", "int8", 4, 30.0)
    auto, said = load_config(), load_config(overrides={"NUM_THREADS": "2"})
    assert whisperx_setup.thread_setting(auto, "base", on_cpu) == 0
    for device in ("cpu", "cuda"):
        keep_tuning(cache, tuning_key("base", device, "int8"), Tuning(8, 3, 20.0))
    assert whisperx_setup.thread_setting(auto, "base", on_cpu) == 3
    assert whisperx_setup.thread_setting(said, "base", on_cpu) == 2
    assert whisperx_setup.thread_setting(auto, "small", on_cpu) == 0
    assert whisperx_setup.thread_setting(auto, "base", on_gpu) == 0
