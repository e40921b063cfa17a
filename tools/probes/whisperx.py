#!/usr/bin/env python3
"""
Probe of the environment whisperx: Whisper hears a spoken second.

Usage:
    venv/whisperx/bin/python tools/probes/whisperx.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import require, run_probe, spoken_second  # noqa: E402

MODEL = "base"


def work(device: str) -> str:
    """Recognise one second with the model that the packages carry.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import ctranslate2
    import faster_whisper
    import numpy as np

    from shared.models.store import require_model

    if device == "cuda":
        require(ctranslate2.get_cuda_device_count(), "CTranslate2 sees no NVIDIA GPU")
    folder = require_model("whisper", MODEL)
    model = faster_whisper.WhisperModel(
        str(folder), device="cuda" if device == "cuda" else "cpu", compute_type="int8"
    )
    sound = np.array(spoken_second(2.0), dtype=np.float32)
    segments, _ = model.transcribe(sound, language="en", beam_size=1)
    text = " ".join(segment.text.strip() for segment in segments)
    require(text, "nothing was recognised")
    return f"Whisper {folder.name} heard: {text}"


if __name__ == "__main__":
    run_probe("faster-whisper", work)
