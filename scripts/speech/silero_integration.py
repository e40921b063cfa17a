#!/usr/bin/env python3
"""
Silero: finds speech with the Silero VAD (version 6) that the faster-whisper package carries.

The only place that touches faster_whisper.vad. It needs onnxruntime, no torch, and starts in half
a second; pyannote finds more dialogue under a score (see docs), so this is the second choice.

Usage:
    from scripts.speech.silero_integration import detect_speech

    found = detect_speech(
        audio, onset=0.5, offset=0.35, min_speech=0.1, min_silence=0.3, pad=0.1,
        max_speech=12.0, floor_db=-70.0, progress=lambda share: None,
    )
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.runtime.audio_frames import SAMPLE_RATE, mute_silence
from shared.core.errors import InputError
from shared.transcript.records.schemas import SpeechSegments
from shared.transcript.sound.speech import find_regions

# The network hears 512 samples at a time (0.032 s); this many go to it in one call.
FRAME = 512
FRAMES_PER_CALL = 10000


def detect_speech(
    audio: Any,
    *,
    weights: Path | None = None,
    onset: float,
    offset: float,
    min_speech: float,
    min_silence: float,
    pad: float,
    max_speech: float,
    floor_db: float,
    progress: Callable[[float], None],
) -> SpeechSegments:
    """Return where somebody speaks.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,), values from -1 to 1.
        weights: A Silero v6 ONNX file; None: the one in the faster-whisper package.
        onset: A region begins at this speech probability.
        offset: A region ends below this speech probability.
        min_speech: Shorter regions are dropped, seconds.
        min_silence: Shorter silences are closed, seconds.
        pad: What each region gains on either side, seconds.
        max_speech: Longer regions are cut where speech is least likely, seconds.
        floor_db: What is quieter (dB below full scale, RMS of a frame) is silence.
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
    duration = len(audio) / SAMPLE_RATE
    scores = []
    step = FRAME * FRAMES_PER_CALL
    # One call for 320 s: the network's memory is empty at its start, which costs one frame or two.
    for first in range(0, len(audio), step):
        piece = np.asarray(audio[first : first + step], np.float32)
        scores.append(network(np.pad(piece, (0, -len(piece) % FRAME))).reshape(-1))
        progress(min(1.0, (first + step) / len(audio)))
    probabilities = np.concatenate(scores) if scores else np.zeros(0, np.float32)
    probabilities = mute_silence(probabilities, audio, frame=FRAME, floor_db=floor_db)
    regions = find_regions(
        probabilities.tolist(),
        step=FRAME / SAMPLE_RATE,
        onset=onset,
        offset=offset,
        min_speech=min_speech,
        min_silence=min_silence,
        pad=pad,
        max_speech=max_speech,
        duration=duration,
    )
    return SpeechSegments(engine="silero", audio_duration=duration, regions=regions)
