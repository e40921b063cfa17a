#!/usr/bin/env python3
"""
MLX: Whisper base, converted from the packaged weights, hears a short line for real.

test_engines.py runs this file inside venv/mlx. A window of 30 s costs about ten seconds of a CPU.

Usage:
    ./tests/run-tests.sh tests/integration/test_engines.py -k mlx
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.core.paths import SPEECH_FIXTURES_DIR
from tests.support.sounds import RATE, pcm

HERE = importlib.util.find_spec("mlx_whisper") is not None

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not HERE, reason="runs inside venv/mlx, see test_engines.py"),
]


def sound(name: str) -> Any:
    """Return a line of the fixtures with silence around it: float32, 16 kHz mono."""
    quiet = np.zeros(RATE // 2, np.float32)
    return np.concatenate([quiet, pcm("-i", str(SPEECH_FIXTURES_DIR / name)), quiet])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whisper base in MLX's form."""
    from scripts.whisper.mlx.mlx_weights import convert
    from shared.models.store import require_model

    target = tmp_path_factory.mktemp("models") / "mlx" / "base"
    convert(require_model("whisper", "base"), target)
    return target


def test_a_line_is_heard_in_its_language_with_words_in_their_places(model: Path) -> None:
    from scripts.whisper.engine import DecodeOptions
    from scripts.whisper.mlx.mlx_integration import load_model
    from shared.transcript.records.schemas import SpeechRegion

    audio = sound("de-05.opus")
    end = len(audio) / RATE - 0.5
    recogniser = load_model(model, device="cpu", compute_type="float32")
    options = DecodeOptions(
        language=None,
        multilingual=False,
        beam_size=5,
        temperatures=(0.0,),
        chunk_length=28.0,
        max_gap=2.0,
        context=0.2,
        max_pause=1.0,
        max_segment=15.0,
        hotwords="Bruder",
    )
    shares: list[float] = []
    regions = [SpeechRegion(start=0.5, end=end, score=0.9)]
    found = recogniser.transcribe(audio, regions, options, progress=shares.append)
    assert (found.engine, found.model, found.language) == ("mlx-whisper", "base", "de")
    assert found.language_confidence > 0.5 and shares[-1] == 1.0
    (line,) = found.segments
    assert line.text == "Mein Bruder ist auf diesem Schiff."
    assert [word.text for word in line.words] == line.text.split()
    assert all(0.3 <= word.start <= word.end <= end + 0.2 for word in line.words)
    assert line.no_speech_probability is not None and line.no_speech_probability < 0.5
    assert line.compression_ratio is not None and line.compression_ratio < 2.4
    assert recogniser.multilingual and found.regions_without_text == []


def test_a_window_is_encoded_once_however_often_it_is_asked_for() -> None:
    import mlx.core as mx

    from scripts.whisper.mlx.mlx_integration import RememberingEncoder

    heard: list[Any] = []
    encoder = RememberingEncoder(lambda mel: heard.append(mel) or mel * 2)
    first, second = mx.zeros((1, 4, 2)), mx.ones((1, 4, 2))
    for mel in (first, mx.array(first), second, second, first):
        assert mx.array_equal(encoder(mel), mel * 2).item()
    assert len(heard) == 3


def test_matrices_are_multiplied_by_the_library_that_torch_brings() -> None:
    from scripts.runtime import mlx_runtime

    is_linux = sys.platform.startswith("linux")
    assert mlx_runtime.load_blas() == is_linux
    if not is_linux:
        return
    loaded = Path("/proc/self/maps").read_text(encoding="utf-8")
    assert "libtorch_cpu.so" in loaded and "libmlx.so" in loaded


@pytest.mark.parametrize("config", [None, "{}", '{"n_mels": "many"}'])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, config: str | None) -> None:
    from scripts.whisper.mlx.mlx_integration import load_model
    from shared.core.errors import InputError

    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(InputError, match="No Whisper model for MLX"):
        load_model(tmp_path, device="cpu", compute_type="float32")
