#!/usr/bin/env python3
"""
Probe of the environment mlx: a tiny Whisper with random weights hears a second.

Usage:
    venv/mlx/bin/python tools/probes/mlx.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import SPEECH_RATE, require, run_probe, tone  # noqa: E402


def work(device: str) -> str:
    """Run encoder and decoder of a tiny network on one second.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import mlx.core as mx
    import numpy as np
    from mlx_whisper.audio import log_mel_spectrogram, pad_or_trim
    from mlx_whisper.whisper import ModelDimensions, Whisper

    size = ModelDimensions(80, 1500, 32, 2, 1, 51865, 448, 32, 2, 1)
    network = Whisper(size, mx.float32)
    sound = pad_or_trim(mx.array(np.array(tone(1.0, SPEECH_RATE), dtype=np.float32)))
    mel = log_mel_spectrogram(sound)[None]
    logits = network(mel, mx.array([[50258, 50259, 50359]]))
    require(logits.shape == (1, 3, 51865), f"the network answered with {logits.shape}")
    require(bool(mx.isfinite(logits).all().item()), "the network computes no numbers")
    return f"MLX {mx.__version__} on {mx.default_device()}: a tiny Whisper heard a second"


if __name__ == "__main__":
    run_probe("mlx-whisper", work)
