#!/usr/bin/env python3
"""
Probe of the environment demucs: a tiny HTDemucs separates a second, and YAMNet hears a tone.

Usage:
    venv/demucs/bin/python tools/probes/demucs.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import SPEECH_RATE, require, run_probe, tone  # noqa: E402

MUSIC_RATE = 44_100


def work(device: str) -> str:
    """Run both networks of this environment.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import numpy as np

    from scripts.sound.yamnet_integration import classify

    frames = classify(
        np.array(tone(1.0, SPEECH_RATE), dtype=np.float32), progress=lambda seconds: None
    )
    require(len(frames) and np.isfinite(frames.log_odds).all(), "YAMNet heard nothing")
    shape = separate(device)
    require(shape == (1, 2, 2, MUSIC_RATE), f"Demucs answered with {shape}")
    return "a tiny HTDemucs separated a second, YAMNet classified one"


def separate(device: str) -> tuple[int, ...]:
    """Return the shape of what a tiny HTDemucs makes of a second of stereo: two stems of it.

    Args:
        device: cpu, cuda or mps.
    """
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(1)
    network = HTDemucs(
        sources=["vocals", "other"], channels=8, depth=4, t_layers=1, t_heads=2, segment=1
    )
    sound = torch.tensor(tone(1.0, MUSIC_RATE)).repeat(1, 2, 1)
    with torch.inference_mode():
        stems = network.eval().to(device)(sound.to(device))
    require(torch.isfinite(stems).all(), "Demucs computes no numbers")
    return tuple(stems.shape)


if __name__ == "__main__":
    run_probe("demucs, YAMNet", work)
