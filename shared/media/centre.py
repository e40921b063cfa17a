#!/usr/bin/env python3
"""
Centre: the dialogue of surround sound, without a model.

Usage:
    from shared.media.audio import SoundOutput
    from shared.media.centre import centre_channel

    SoundOutput(target, SPEECH_FORMAT, SPEECH_RATE, centre_channel)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream

# Below -60 dB the centre is silent; what it says turns the others down by 95% of its decibels
# above that, and they come back within a second and a half.
DUCKING = {"threshold": 0.001, "ratio": 20, "attack": 5, "release": 1500, "detection": "peak"}


def centre_channel(sound: FilterableStream) -> FilterableStream:
    """Return the centre, and left and right where it is silent: songs of a film often leave it out.

    Args:
        sound: Surround sound with a front centre.

    Returns:
        Mono sound.
    """
    import ffmpeg

    channels = sound.asplit()
    centre = channels[1].filter("pan", args="mono|c0=FC").asplit()
    sides = channels[0].filter("pan", args="mono|c0=0.5*FL+0.5*FR")
    rest = ffmpeg.filter([sides, centre[1]], "sidechaincompress", **DUCKING)
    return ffmpeg.filter([centre[0], rest], "amix", inputs=2, normalize=0, duration="first")
