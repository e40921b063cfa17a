#!/usr/bin/env python3
"""
Pyannote: finds speech with the pyannote segmentation network that the whisperx package carries.

The only place that imports pyannote.audio. That import costs 20 s, most of it for libraries that
training needs, so it is made once: the network is exported to ONNX into the cache folder, and every
later run needs onnxruntime only (start in half a second, and six times faster on a CPU). Where the
onnx package is missing nothing is exported and torch runs the network each time.

Usage:
    from scripts.speech.pyannote_integration import detect_speech

    found = detect_speech(
        audio, detection_rules(config), weights=None, cache_dir=cache, progress=lambda share: None
    )
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass
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
from scripts.speech.pyannote_checkpoint import load_model
from scripts.speech.regions import DetectionRules, detected_speech
from shared.core.errors import InputError, UnavailableError
from shared.core.files import sha256_of
from shared.transcript.records.schemas import SpeechSegments

# One output frame of PyanNet is 10 (SincNet stride) * 3 * 3 * 3 (pooling) samples.
FRAME = 270
# The first output frame is centred on sample 495, not 135: one frame (and a third) later.
LEAD = 1
# Windows of 5 s overlap by a third, and what two of them say of a moment is averaged. Every moment
# twice costs a third more and is no nearer to what eight hearings of each give.
HOP = FRAME * 200
WINDOWS_PER_CALL = 16


@dataclass(frozen=True)
class Network:
    """The segmentation network, ready to run.

    `run` takes float32 of shape (windows, 1, samples) and returns the probability that anybody
    speaks, shape (windows, frames); `window` is the number of samples it was trained on.
    """

    run: Callable[[Any], Any]
    window: int


def detect_speech(
    audio: Any,
    rules: DetectionRules,
    *,
    weights: Path | None,
    cache_dir: Path,
    progress: Callable[[float], None],
    batch_size: int = WINDOWS_PER_CALL,
) -> SpeechSegments:
    """Return where somebody speaks (or sings).

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,), values from -1 to 1.
        rules: How regions are made of the network's probabilities.
        weights: A pyannote segmentation checkpoint; None: the one in the whisperx package.
        cache_dir: Where the exported network is kept.
        progress: Called with the share done, 0 to 1.
        batch_size: Windows that go through the network at once.

    Returns:
        Regions with the mean probability of each.

    Raises:
        UnavailableError: The library or its weights are not installed.
        InputError: The named weights are not there.
    """
    network = open_network(find_weights(weights), cache_dir)
    progress(0.0)
    probabilities = speech_probabilities(network, audio, progress, batch_size)
    return detected_speech("pyannote", probabilities, audio, rules, frame=FRAME)


def find_weights(weights: Path | None) -> Path:
    """Return the checkpoint to use; whisperx is looked up, never imported.

    Args:
        weights: A checkpoint of the user's; None takes the one inside whisperx.

    Raises:
        InputError: The named file is not there.
        UnavailableError: The whisperx package, which carries the weights, is not installed.
    """
    if weights is not None:
        if not weights.is_file():
            raise InputError(f"No pyannote weights at {weights}", hint="Check the path")
        return weights
    spec = importlib.util.find_spec("whisperx")
    if spec is not None and spec.origin:
        packaged = Path(spec.origin).parent / "assets" / "pytorch_model.bin"
        if packaged.is_file():
            return packaged
    raise UnavailableError(
        "The pyannote segmentation weights are not installed",
        hint="Create the environment: ./bootstrap.sh --env pyannote",
    )


def open_network(weights: Path, cache_dir: Path) -> Network:
    """Return the network, from the cache if it was exported before, else exporting it.

    Args:
        weights: A pyannote segmentation checkpoint.
        cache_dir: Where the exported network is kept; created if need be.

    Raises:
        UnavailableError: pyannote.audio is not installed.
    """
    exported = cache_dir / f"pyannote-segmentation-{sha256_of(weights)[:16]}.onnx"
    if not is_exported(exported, __file__):
        module, window = _load_with_torch(weights)
        if not can_export():
            return Network(torch_runner(module), window)
        import torch

        example, free = torch.randn(2, 1, window), {0: "count"}
        export_network(
            module,
            example,
            exported,
            source="windows",
            result="speech",
            free=free,
            made_by=__file__,
        )
    run, shape = open_exported(exported, "windows")
    return Network(run, int(shape[2]))


def import_pyannote() -> Any:
    """Return the module pyannote.audio, which is told to report nothing to its makers.

    Raises:
        UnavailableError: It is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pyannote.audio
            from pyannote.audio.telemetry import set_telemetry_metrics
        except ImportError as error:
            raise UnavailableError(
                f"pyannote cannot be loaded: {error}",
                hint="Create the environment: ./bootstrap.sh --env pyannote",
            ) from error
    set_telemetry_metrics(False)
    return pyannote.audio


def _load_with_torch(weights: Path) -> tuple[Any, int]:
    """Return a module that gives the probability that anybody speaks, and its window in samples."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = load_model(import_pyannote(), weights)
    import torch

    powerset = bool(model.specifications.powerset)

    class SpeechProbability(torch.nn.Module):  # type: ignore[misc]
        """Reduces the speakers' activities to that of any speaker."""

        def __init__(self) -> None:
            super().__init__()
            self.network = model

        def forward(self, windows: Any) -> Any:
            """Return (windows, frames) for windows of shape (windows, 1, samples)."""
            output = self.network(windows)
            return 1.0 - output[..., 0].exp() if powerset else output.amax(dim=-1)

    return SpeechProbability().eval(), int(model.specifications.duration * SAMPLE_RATE)


def speech_probabilities(
    network: Network,
    audio: Any,
    progress: Callable[[float], None],
    batch_size: int = WINDOWS_PER_CALL,
) -> Any:
    """Return the speech probability of each frame, averaged over the windows that hear it.

    Args:
        network: From open_network.
        audio: float32 array, 16 kHz mono, shape (samples,).
        progress: Called with the share done, 0 to 1.
        batch_size: Windows that go through the network at once.

    Returns:
        float64 array, shape (frames,), one frame for each 270 samples.
    """
    import numpy as np

    window = network.window
    count = 1 + -(-max(0, len(audio) - window) // HOP)
    total = (count - 1) * HOP + window
    sums, hearings = np.zeros(total // FRAME + 1), np.zeros(total // FRAME + 1)
    for first in range(0, count, batch_size):
        last = min(count, first + batch_size)
        heard = np.zeros((last - first, 1, window), np.float32)
        for index in range(first, last):
            piece = audio[index * HOP : index * HOP + window]
            heard[index - first, 0, : len(piece)] = piece
        for index, row in enumerate(network.run(heard), start=first):
            place = index * HOP // FRAME + LEAD
            sums[place : place + len(row)] += row
            hearings[place : place + len(row)] += 1
        progress(last / count)
    return (sums / np.maximum(hearings, 1))[: -(-len(audio) // FRAME)]
