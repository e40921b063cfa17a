#!/usr/bin/env python3
"""
Probe of the environment pyannote: speech is found in a spoken line, and a voice gets its embedding.

Usage:
    venv/pyannote/bin/python tools/probes/pyannote.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from shared.core.errors import UnavailableError  # noqa: E402
from tools.probes.probe import require, run_probe, spoken_second  # noqa: E402


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
    return f"speech found (probability {found:.2f}), a voice embedded"


def embedding_norm(device: str) -> float:
    """Return the length of a voice's embedding, which the packaged weights of CAM++ give (on Linux
    on ARM, which has no package of them, those of GE2E).

    Args:
        device: cpu, cuda or mps.

    Raises:
        UnavailableError: No package holds weights.
    """
    import torch

    from scripts.speech import campplus_integration, resemblyzer_integration

    network: Any
    try:
        weights = campplus_integration.find_in_package(campplus_integration.WEIGHTS)
        network, mels = campplus_integration.load_with_torch(weights), campplus_integration.MELS
    except UnavailableError:
        weights = resemblyzer_integration.find_weights()
        network, mels = (
            resemblyzer_integration.load_with_torch(weights),
            resemblyzer_integration.MELS,
        )
    with torch.inference_mode():
        raw = network.to(device)(torch.rand(1, 200, mels, device=device))
        return float((raw / raw.norm(dim=1, keepdim=True)).norm().item())


if __name__ == "__main__":
    run_probe("pyannote", work)
