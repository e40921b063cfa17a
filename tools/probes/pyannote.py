#!/usr/bin/env python3
"""
Probe of the environment pyannote: speech is found in a spoken line, and a voice gets its embedding.

Usage:
    venv/pyannote/bin/python tools/probes/pyannote.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import require, run_probe, spoken_second  # noqa: E402

EMBEDDING = 256
MELS = 40


def work(device: str) -> str:
    """Run the segmentation network, then the network of the speaker embedding.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import numpy as np

    from scripts.speech.pyannote_integration import find_weights, open_network
    from shared.core.paths import MODELS_DIR

    network = open_network(find_weights(None), MODELS_DIR)
    sound = np.array(spoken_second(), dtype=np.float32)
    window = np.zeros((1, 1, network.window), np.float32)
    window[0, 0, : len(sound)] = sound
    found = float(network.run(window).max())
    require(found > 0.5, f"no speech found in a spoken line (probability {found:.2f})")
    norm = embedding_norm(device)
    require(abs(norm - 1.0) < 0.01, f"the embedding of a voice has length {norm:.2f}, not 1")
    return f"speech found (probability {found:.2f}), a voice embedded in {EMBEDDING} numbers"


def embedding_norm(device: str) -> float:
    """Return the length of the embedding that the packaged GE2E weights give to some frames.

    Args:
        device: cpu, cuda or mps.

    Raises:
        RuntimeError: The package holds no weights.
    """
    import torch

    spec = importlib.util.find_spec("resemblyzer")
    if spec is None or not spec.origin:
        raise RuntimeError("the package Resemblyzer with the speaker weights is not installed")
    checkpoint = torch.load(
        Path(spec.origin).with_name("pretrained.pt"), map_location="cpu", weights_only=True
    )
    weights = checkpoint["model_state"]
    lstm = torch.nn.LSTM(MELS, EMBEDDING, num_layers=3, batch_first=True)
    linear = torch.nn.Linear(EMBEDDING, EMBEDDING)
    for name, part in (("lstm.", lstm), ("linear.", linear)):
        own = {key[len(name) :]: value for key, value in weights.items() if key.startswith(name)}
        part.load_state_dict(own)
        part.to(device)
    with torch.inference_mode():
        _, (hidden, _) = lstm(torch.rand(1, 160, MELS, device=device))
        raw = torch.relu(linear(hidden[-1]))
        return float((raw / raw.norm(dim=1, keepdim=True)).norm().item())


if __name__ == "__main__":
    run_probe("pyannote", work)
