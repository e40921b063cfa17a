#!/usr/bin/env python3
"""
Loudness: very quiet sound is raised, so that speech in it is found.

Usage:
    from shared.media.tracks.loudness import loud_moments_db, raise_by

    raise_by(loud_moments_db(SpeechAudio(path)))    # 31.0 dB, 0.0 for sound of a usual level
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.media.audio import SPEECH_RATE

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream

FRAME = SPEECH_RATE // 20
BLOCK = FRAME * 20_000  # samples that are looked at together
SILENCE_DB = -120.0
# In a film with dialogue so much of the time is louder than what this tells.
LOUD_SHARE = 0.95
QUIET_DB, USUAL_DB = -42.0, -26.0
# Below this it is the noise of a silent track.
NOTHING_DB = -88.0
PEAK = 0.9


def loud_moments_db(audio: Any) -> float:
    """Return how loud the loudest twentieth of a sound is, dB below full scale.

    Args:
        audio: 16 kHz mono float32, an array or SpeechAudio, shape (samples,); read in blocks.
    """
    import numpy

    levels: list[Any] = []
    for first in range(0, len(audio), BLOCK):
        block = numpy.asarray(audio[first : first + BLOCK])
        frames = block[: len(block) // FRAME * FRAME].reshape(-1, FRAME)
        levels.append(numpy.mean(numpy.square(frames), axis=1))
    power = numpy.concatenate(levels) if levels else numpy.zeros(0)
    if not power.size:
        return SILENCE_DB
    loud = float(numpy.quantile(power, LOUD_SHARE))
    return max(SILENCE_DB, 10 * float(numpy.log10(max(loud, 1e-12))))


def raise_by(level: float) -> float:
    """Return the dB by which sound of a level is raised; 0.0 where it is loud enough, or silent.

    Args:
        level: Of loud_moments_db.
    """
    return USUAL_DB - level if NOTHING_DB < level < QUIET_DB else 0.0


def raised(sound: FilterableStream, gain: float) -> FilterableStream:
    """Return sound raised by so many dB, its loud moments kept from clipping.

    Args:
        sound: Any sound.
        gain: dB.
    """
    louder = sound.filter("volume", volume=f"{gain:.1f}dB", precision="float")
    return louder.filter("alimiter", limit=PEAK, level=0)
