#!/usr/bin/env python3
"""
Audio frames: what both speech detectors do with samples.

Usage:
    from scripts.runtime.audio_frames import mute_silence

    probabilities = mute_silence(probabilities, audio, frame=512, floor_db=-70.0)
"""

from __future__ import annotations

from typing import Any

SAMPLE_RATE = 16000
# A pause between two words is about so long (seconds).
QUIET = 0.1
# Of whole films nothing is kept: a minute of sound or so is looked at together.
FRAMES_AT_ONCE = 2000


def mute_silence(probabilities: Any, audio: Any, *, frame: int, floor_db: float) -> Any:
    """Return speech probabilities that are 0 where nothing can be heard.

    Both detectors normalise the level of what they hear, so that they find "speech" in the
    rounding noise of a silent track.

    Args:
        probabilities: float array, shape (frames,); frame i covers samples i*frame to (i+1)*frame.
        audio: float32 array, shape (samples,), values from -1 to 1.
        frame: Samples per frame.
        floor_db: dB below full scale; frames of lower RMS level become 0.

    Returns:
        float array, shape (frames,).
    """
    import numpy as np

    loud = np.zeros(len(probabilities), bool)
    for first in range(0, min(len(probabilities), -(-len(audio) // frame)), FRAMES_AT_ONCE):
        last = min(len(probabilities), first + FRAMES_AT_ONCE)
        piece = np.asarray(audio[first * frame : last * frame])
        covered = np.pad(piece, (0, (last - first) * frame - len(piece))).reshape(-1, frame)
        power = np.mean(np.square(covered, dtype=np.float64), axis=1)
        loud[first:last] = power >= 10 ** (floor_db / 10)
    return np.where(loud, probabilities, 0.0)


def quietest_moment(audio: Any, low: float, high: float) -> float:
    """Return the middle of the quietest tenth of a second between two times, seconds.

    Args:
        audio: float array, 16 kHz mono, shape (samples,).
        low: Seconds.
        high: Seconds, after low; where less than a tenth lies between: the middle of it.
    """
    import numpy as np

    length = int(QUIET * SAMPLE_RATE)
    piece = np.asarray(audio[int(low * SAMPLE_RATE) : int(high * SAMPLE_RATE)])
    if len(piece) <= length:
        return (low + high) / 2
    energy = np.cumsum(np.square(piece, dtype=np.float64))
    quietest = int(np.argmin(energy[length:] - energy[:-length])) + 1
    return min(high, low + (quietest + length / 2) / SAMPLE_RATE)
