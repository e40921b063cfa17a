#!/usr/bin/env python3
"""
Separation: how speech is freed from music and effects, chosen and recorded.

Usage:
    from shared.media.separation import separation_of

    choice = separation_of(config, stream)
    choice.method, choice.reason     # ('center', '5.1 sound has its dialogue in the centre')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.core.errors import InputError
from shared.core.settings import PipelineConfig
from shared.media.probe import AudioStream
from shared.models.store import find_model

Method = Literal["off", "center", "demucs"]
GPUS = frozenset({"cuda", "mps"})
# Where a file does not say how its channels lie.
NAMES = {1: "mono", 2: "stereo"}
# Demucs is not asked to hear less at once, seconds.
SHORTEST_SEGMENT = 2.0


@dataclass(frozen=True)
class SeparationChoice:
    """The method and why it was taken.

    `lacks_model`: Demucs would work, if its model were on this machine.
    """

    method: Method
    reason: str
    lacks_model: bool = False

    @property
    def needs_all_channels(self) -> bool:
        """Whether demux must keep the stream's own channels for it."""
        return self.method != "off"


def choose_separation(
    setting: str, stream: AudioStream, device: str = "cpu", model_is_here: bool = False
) -> SeparationChoice:
    """Choose the method for one audio stream.

    Args:
        setting: SOURCE_SEPARATION: auto, off, center or demucs.
        stream: The audio stream.
        device: The job's device: on a CPU Demucs takes longer than the film.
        model_is_here: Whether the Demucs model is on this machine.

    Raises:
        InputError: When the centre channel is asked for and there is none.
    """
    layout = stream.channel_layout or NAMES.get(stream.channels, f"{stream.channels}-channel")
    if setting == "off":
        return SeparationChoice("off", "switched off (SOURCE_SEPARATION=off)")
    if setting == "demucs":
        return SeparationChoice("demucs", "asked for (SOURCE_SEPARATION=demucs)")
    if has_centre(stream):
        return SeparationChoice("center", f"{layout} sound has its dialogue in the centre")
    if setting == "center":
        raise InputError(
            f"SOURCE_SEPARATION=center, but the sound is {layout}: it has no centre channel",
            hint="Use SOURCE_SEPARATION=auto or demucs",
        )
    why = f"{layout} sound has no centre channel to take"
    if not _is_gpu(device):
        return SeparationChoice("off", f"{why}, and Demucs is slow on {device}")
    if not model_is_here:
        told = f"{why}, and the Demucs model is not on this machine"
        return SeparationChoice("off", told, lacks_model=True)
    return SeparationChoice("demucs", f"{why}, and {device} is fast enough for Demucs")


def separation_of(config: PipelineConfig, stream: AudioStream) -> SeparationChoice:
    """Choose the method for one audio stream of a job.

    Args:
        config: SOURCE_SEPARATION, AUDIO_CHANNELS, DEVICE, DEMUCS_MODEL and DEMUCS_REPO.
        stream: The audio stream.

    Returns:
        How the speech is separated, and why.

    Raises:
        InputError: When the centre channel is asked for and there is none.
    """
    if config.source_separation == "auto" and config.audio_channels != "auto":
        chosen = f"AUDIO_CHANNELS={config.audio_channels} says what is heard"
        return SeparationChoice("off", chosen)
    on_gpu = config.source_separation == "auto" and _is_gpu(config.device)
    here = on_gpu and bool(config.demucs_repo or find_model("demucs", config.demucs_model))
    return choose_separation(config.source_separation, stream, config.device, here)


def _is_gpu(device: str) -> bool:
    return device.partition(":")[0] in GPUS


def has_centre(stream: AudioStream) -> bool:
    """Return whether a stream has a front centre beside left and right.

    Args:
        stream: The audio stream; without a layout, six and eight channels are taken as 5.1 and 7.1.
    """
    layout = (stream.channel_layout or "").split("(")[0]
    if layout:
        return layout in {"3.0", "3.1", "4.0", "4.1", "5.0", "5.1", "6.0", "6.1", "7.0", "7.1"}
    return stream.channels in {6, 8}
