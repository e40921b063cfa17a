#!/usr/bin/env python3
"""
Silero: finds speech with the Silero VAD (version 6) that the faster-whisper package carries.

The only place that touches faster_whisper.vad. It needs onnxruntime, no torch, and starts in half
a second; pyannote finds more dialogue under a score (see docs), so this is the second choice.

Usage:
    from scripts.speech.silero_integration import detect_speech

    found = detect_speech(audio, detection_rules(config), progress=lambda share: None)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.speech.regions import DetectionRules, detected_speech
from shared.core.errors import InputError
from shared.transcript.records.schemas import SpeechSegments

# The network hears 512 samples at a time (0.032 s); this many go to it in one call.
FRAME = 512
FRAMES_PER_CALL = 10000


def detect_speech(
    audio: Any,
    rules: DetectionRules,
    *,
    weights: Path | None = None,
    progress: Callable[[float], None],
) -> SpeechSegments:
    """Return where somebody speaks.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,), values from -1 to 1.
        rules: How regions are made of the network's probabilities.
        weights: A Silero v6 ONNX file; None: the one in the faster-whisper package.
        progress: Called with the share done, 0 to 1.

    Returns:
        Regions with the mean probability of each.

    Raises:
        InputError: The weights file is not there.
    """
    import numpy as np
    from faster_whisper.vad import SileroVADModel, get_vad_model

    if weights is not None and not weights.is_file():
        raise InputError(f"No Silero weights at {weights}", hint="Leave the path empty: built in")
    network = get_vad_model() if weights is None else SileroVADModel(str(weights))
    progress(0.0)
    scores = []
    step = FRAME * FRAMES_PER_CALL
    # One call for 320 s: the network's memory is empty at its start, which costs one frame or two.
    for first in range(0, len(audio), step):
        piece = np.asarray(audio[first : first + step], np.float32)
        scores.append(network(np.pad(piece, (0, -len(piece) % FRAME))).reshape(-1))
        progress(min(1.0, (first + step) / len(audio)))
    probabilities = np.concatenate(scores) if scores else np.zeros(0, np.float32)
    return detected_speech("silero", probabilities, audio, rules, frame=FRAME)
