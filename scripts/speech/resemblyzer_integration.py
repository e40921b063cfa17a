#!/usr/bin/env python3
"""
Resemblyzer: what a voice sounds like, as 256 numbers, by the GE2E network whose weights that
package carries (Wan et al., "Generalized End-to-End Loss for Speaker Verification", 2018).

Only its weights are used; its own code, which wants libraries that we do not install, is never
imported. As with the segmentation network, torch is imported once, to export the network to ONNX.

Usage:
    from scripts.speech.resemblyzer_integration import embed, open_network

    voices = embed(open_network(cache_dir), audio, [(0.0, 1.6), (0.8, 2.4)], batch_size=32)
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
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

WEIGHTS = "pretrained.pt"
# What the network was trained on: mel spectra of 25 ms each 10 ms, not logarithmic.
FFT = 400
HOP = 160
MELS = 40
SIZE = 256
LAYERS = 3
LEVEL_DB = -30.0

Embedder = Callable[[Any], Any]


def find_weights() -> Path:
    """Return the weights in the Resemblyzer package, which is looked up, never imported.

    Raises:
        UnavailableError: The package is not installed.
    """
    spec = importlib.util.find_spec("resemblyzer")
    if spec is not None and spec.origin:
        packaged = Path(spec.origin).parent / WEIGHTS
        if packaged.is_file():
            return packaged
    raise UnavailableError(
        "The weights of the speaker embedding are not installed",
        hint="Create the environment: ./bootstrap.sh --env pyannote",
    )


def open_network(cache_dir: Path) -> Embedder:
    """Return a function from mel spectra, float32 (windows, frames, 40), to (windows, 256).

    Args:
        cache_dir: Where the exported network is kept; created if need be.

    Raises:
        UnavailableError: The weights, or what exports them, is not installed.
    """
    weights = find_weights()
    exported = cache_dir / f"speaker-embedding-{sha256_of(weights)[:16]}.onnx"
    if not is_exported(exported, __file__):
        module = load_with_torch(weights)
        if not can_export():
            return torch_runner(module)
        import torch

        example, free = torch.randn(2, SIZE, MELS), {0: "count", 1: "frames"}
        export_network(
            module,
            example,
            exported,
            source="mels",
            result="voices",
            free=free,
            made_by=__file__,
        )
    return open_exported(exported, "mels").run


def load_with_torch(weights: Path) -> Any:
    """Return the network as a torch module: (windows, frames, 40) to (windows, 256), unit length.

    Args:
        weights: The GE2E checkpoint of the package.

    Raises:
        UnavailableError: torch is not installed, or the file holds another network.
    """
    try:
        import torch
    except ImportError as error:
        raise UnavailableError(
            f"The speaker embedding cannot be loaded: {error}",
            hint="Create the environment: ./bootstrap.sh --env pyannote",
        ) from error

    class SpeakerEmbedding(torch.nn.Module):  # type: ignore[misc]
        """Three LSTM layers; the last state of the last one is the voice."""

        def __init__(self) -> None:
            super().__init__()
            self.lstm = torch.nn.LSTM(MELS, SIZE, LAYERS, batch_first=True)
            self.linear = torch.nn.Linear(SIZE, SIZE)

        def forward(self, mels: Any) -> Any:
            """Return the voices of windows of one length."""
            states, _ = self.lstm(mels)
            voice = self.linear(states[:, -1]).relu()
            return voice / voice.norm(dim=1, keepdim=True).clamp(min=1e-6)

    module = SpeakerEmbedding()
    # strict=False: the file also holds what only training needs.
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    missing = module.load_state_dict(state, strict=False).missing_keys
    if missing:
        raise UnavailableError(
            f"{weights} is another network: {', '.join(missing)} missing",
            hint="Create the environment again: ./bootstrap.sh --env pyannote --force",
        )
    return module.eval()


def embed(
    network: Embedder,
    audio: Any,
    spans: Sequence[tuple[float, float]],
    *,
    batch_size: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Any:
    """Return the voice in each span, as a vector of length 1.

    Args:
        network: From open_network.
        audio: float32 array, 16 kHz mono, shape (samples,).
        spans: Start and end, seconds; about 1.6 s long is best, which it was trained on.
        batch_size: Spans that go through the network at once.
        progress: Called with the share done, 0 to 1.

    Returns:
        float32 array, shape (spans, 256).
    """
    import numpy as np

    bank, voices = mel_bank(), np.zeros((len(spans), SIZE), np.float32)
    pieces = [(int(start * SAMPLE_RATE), int(end * SAMPLE_RATE)) for start, end in spans]
    # Spans of one length go together.
    order = sorted(range(len(pieces)), key=lambda i: pieces[i][1] - pieces[i][0])
    lengths = [(pieces[i][1] - pieces[i][0]) // HOP for i in order]
    first = 0
    while first < len(order):
        last = first + 1
        while last < min(len(order), first + batch_size) and lengths[last] == lengths[first]:
            last += 1
        chosen = order[first:last]
        mels = [mel_spectrum(audio[slice(*pieces[i])], bank)[: lengths[first] + 1] for i in chosen]
        voices[chosen] = network(np.stack(mels))
        first = last
        progress(first / len(order))
    return voices


def mel_spectrum(samples: Any, bank: Any) -> Any:
    """Return the mel power spectrum of a piece of sound, its level set to -30 dB full scale.

    Args:
        samples: float32 array, 16 kHz, shape (samples,).
        bank: From mel_bank.

    Returns:
        float32 array, shape (frames, 40), one frame for each 160 samples and one more.
    """
    import numpy as np

    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    scaled = samples * (10 ** (LEVEL_DB / 20) / max(level, 1e-6))
    padded = np.pad(scaled, FFT // 2)
    count = 1 + (len(padded) - FFT) // HOP
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP][:count]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    return (power @ bank.T).astype(np.float32)


def mel_bank() -> Any:
    """Return Slaney's mel filters, each of the same area: float64 array, shape (40, 201)."""
    from faster_whisper.feature_extractor import FeatureExtractor

    return FeatureExtractor.get_mel_filters(SAMPLE_RATE, FFT, n_mels=MELS)
