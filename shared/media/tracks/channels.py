#!/usr/bin/env python3
"""
Channels: which of a track's channels are heard, chosen by listening and by AUDIO_CHANNELS.

Usage:
    from shared.media.tracks.channels import choose_channels

    choose_channels(stream, moments, listen)    # ChannelChoice('difference', 'left and right …')
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from shared.core.errors import InputError
from shared.media.audio import FULL_FORMAT, SPEECH_FORMAT, SPEECH_RATE, SoundOutput
from shared.media.probe import AudioStream
from shared.media.separation import has_centre
from shared.media.tracks.listening import (
    Regions,
    level_db,
    seconds_of,
    together,
)
from shared.media.tracks.loudness import raised

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream

    from shared.media.tracks.listening import Sound

    # What listens: sounds of shape (samples,) to the speech in each, None where nothing can.
    Listen = Callable[[Sequence[Sound]], list[Regions] | None]

Channels = Literal["auto", "left", "right", "centre", "mix", "difference"]
PANS = {
    "left": "mono|c0=c0",
    "right": "mono|c0=c1",
    "centre": "mono|c0=FC",
    "difference": "mono|c0=0.5*c0-0.5*c1",
}
INAUDIBLE_DB = -65.0
# Correlation of left and right: the same sound turned over; sounds that are not the same.
OPPOSITE, UNLIKE = -0.5, 0.3
# A channel so much quieter than the other adds noise at best.
FAR_QUIETER_DB = 15.0
LEAST_SPEECH = 1.0
# Of the shorter speech: two people who talk to each other do so in turn.
AT_ONCE = 0.5
CENTRE = 2


@dataclass(frozen=True)
class ChannelChoice:
    """Which channels are heard, and why; without a reason there is nothing to tell."""

    channels: Channels
    reason: str = ""


def check_channels(wanted: Channels, stream: AudioStream) -> None:
    """Refuse channels that a track does not have.

    Args:
        wanted: AUDIO_CHANNELS.
        stream: The track.

    Raises:
        InputError: It has no such channel.
    """
    lacks_sides = wanted in ("left", "right", "difference") and stream.channels == 1
    if lacks_sides or (wanted == "centre" and not has_centre(stream)):
        layout = stream.channel_layout or f"{stream.channels} channels"
        raise InputError(
            f"AUDIO_CHANNELS={wanted}, but the sound is {layout}",
            hint="Use AUDIO_CHANNELS=auto, or another track with --audio-track",
        )


def heard(stream: AudioStream, moments: Sequence[Sound], channels: Channels) -> Sound:
    """Return what is heard of moments of a track, shape (samples,).

    Args:
        stream: The track.
        moments: Of read_moments.
        channels: Which of them.
    """
    import numpy

    sound = numpy.concatenate(moments, axis=1)
    if channels == "left" or channels == "right":
        chosen: Sound = sound[("left", "right").index(channels)]
        return chosen
    if channels == "difference":
        half: Sound = (sound[0] - sound[1]) / 2
        return half
    if channels in ("auto", "centre") and has_centre(stream):
        centre: Sound = sound[CENTRE]
        return centre
    mixed: Sound = sound.mean(axis=0)
    return mixed


def heard_outputs(
    speech: Path, full: Path | None, channels: Channels, gain: float
) -> list[SoundOutput]:
    """Return the forms of a track that demux writes.

    Args:
        speech: The file for speech, 16 kHz mono.
        full: The file for the stream's own channels; None = not wanted.
        channels: AUDIO_CHANNELS.
        gain: dB by which the sound is raised.
    """
    pan = PANS.get(channels)

    def prepared(sound: FilterableStream) -> FilterableStream:
        sound = sound.filter("pan", args=pan) if pan else sound
        return raised(sound, gain) if gain else sound

    wanted = [SoundOutput(speech, SPEECH_FORMAT, SPEECH_RATE, prepared)]
    if full is not None:
        wanted.append(SoundOutput(full, FULL_FORMAT, None, prepared))
    return wanted


def choose_channels(stream: AudioStream, moments: Sequence[Sound], listen: Listen) -> ChannelChoice:
    """Choose the channels with the dialogue; "auto" where an ordinary mix holds it.

    Args:
        stream: The track.
        moments: Of read_moments.
        listen: Asked only where levels and likeness leave a doubt.

    Returns:
        The channels, and why where they are not the usual ones.
    """
    if stream.channels < 2 or not moments:
        return ChannelChoice("auto")
    import numpy

    sound = numpy.concatenate(moments, axis=1)
    if has_centre(stream):
        return _surround(sound, listen)
    return _stereo(sound[0], sound[1], listen)


def _stereo(left: Sound, right: Sound, listen: Listen) -> ChannelChoice:
    levels = level_db(left), level_db(right)
    if max(levels) < INAUDIBLE_DB:
        return ChannelChoice("auto")
    apart = levels[0] - levels[1]
    if abs(apart) > FAR_QUIETER_DB:
        return _one_side("left" if apart > 0 else "right", min(levels), left, right, listen)
    likeness = _correlation(left, right)
    if likeness < OPPOSITE:
        return ChannelChoice("difference", "left and right are of opposite phase")
    if likeness > UNLIKE:
        return ChannelChoice("auto")
    return _unlike(listen([left, right]))


def _one_side(
    louder: Literal["left", "right"], quiet: float, left: Sound, right: Sound, listen: Listen
) -> ChannelChoice:
    """Choose where one channel is far quieter: it may be all the same what speaks."""
    other: Literal["left", "right"] = "right" if louder == "left" else "left"
    if quiet < INAUDIBLE_DB:
        return ChannelChoice(louder, f"the {other} channel is silent")
    found = listen([left, right])
    if found is None:
        return ChannelChoice("auto")
    speech = dict(zip(("left", "right"), map(seconds_of, found), strict=True))
    if speech[louder] >= LEAST_SPEECH:
        return ChannelChoice(louder, f"the {other} channel is far quieter")
    if speech[other] >= LEAST_SPEECH:
        return ChannelChoice(other, f"the {louder} channel is louder, but nobody speaks in it")
    return ChannelChoice("auto")


def _unlike(found: list[Regions] | None) -> ChannelChoice:
    """Choose between two channels that hold different sounds."""
    if found is None:
        return ChannelChoice("auto")
    left, right = found
    spoken = seconds_of(left), seconds_of(right)
    if min(spoken) < LEAST_SPEECH <= max(spoken):
        side: Channels = "left" if spoken[0] > spoken[1] else "right"
        return ChannelChoice(side, "nobody speaks in the other channel")
    if min(spoken) >= LEAST_SPEECH and together(left, right) > AT_ONCE * min(spoken):
        return ChannelChoice(
            "left",
            "somebody else speaks in each channel, as in a film with two languages: "
            "AUDIO_CHANNELS=right takes the other, AUDIO_CHANNELS=mix both",
        )
    return ChannelChoice("auto")


def _surround(sound: Sound, listen: Listen) -> ChannelChoice:
    """Choose the whole mix where the centre, in which dialogue lies as a rule, has none."""
    levels = [level_db(one) for one in sound]
    if max(levels) - levels[CENTRE] < FAR_QUIETER_DB:
        return ChannelChoice("auto")
    loud = [one for one, level in zip(sound, levels, strict=True) if level > INAUDIBLE_DB]
    found = listen([sound[CENTRE], *loud])
    if found is None:
        return ChannelChoice("auto")
    centre, *others = map(seconds_of, found)
    if max(others, default=0.0) >= LEAST_SPEECH > centre:
        return ChannelChoice("mix", "nobody speaks in the centre, but in other channels")
    return ChannelChoice("auto")


def _correlation(left: Sound, right: Sound) -> float:
    import numpy

    power = float(numpy.dot(left, left)) * float(numpy.dot(right, right))
    return float(numpy.dot(left, right)) / power**0.5 if power > 0 else 0.0
