#!/usr/bin/env python3
"""
Dialogue: the track and the channels to transcribe, chosen by what the file says and by listening.

Usage:
    from shared.pipeline.prepare.dialogue import choose_dialogue

    found = choose_dialogue(path, media, config, "hi", wanted=None, clip=None)
    found.stream, found.why, found.channels
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.media.clip import ClipRange
from shared.media.probe import AudioStream, MediaInfo
from shared.media.tracks.channels import (
    ChannelChoice,
    check_channels,
    choose_channels,
    heard,
)
from shared.media.tracks.choice import choose_audio_stream, same_language
from shared.media.tracks.listening import (
    Regions,
    find_speech,
    level_db,
    read_moments,
    seconds_of,
)
from shared.pipeline.job.job import HeardTrack

if TYPE_CHECKING:
    from shared.media.tracks.listening import Sound

DETECTION = "pyannote_vad"
# Of the moments that are heard; less is what a detector hears in music.
LEAST_SPEECH = 2.0
MUCH_MORE = 3.0


@dataclass(frozen=True)
class Dialogue:
    """A track with its channels, why they were taken, and all tracks that were tried.

    `unheard`: a doubt was left to what the file says, for nothing here finds speech.
    """

    stream: AudioStream | None
    why: str
    channels: ChannelChoice
    tried: list[HeardTrack]
    unheard: bool = False


@dataclass(frozen=True)
class _Tried:
    stream: AudioStream
    channels: ChannelChoice
    level: float
    speech: float | None


def choose_dialogue(
    path: Path,
    media: MediaInfo,
    config: PipelineConfig,
    language: str,
    wanted: int | None,
    clip: ClipRange | None,
) -> Dialogue:
    """Choose what to transcribe of a film's sound.

    Args:
        path: The film.
        media: What it holds.
        config: AUDIO_CHANNELS.
        language: Source language, BCP-47, or 'auto'.
        wanted: Number of the audio track, 1 = the first; None = choose.
        clip: The part to work on.

    Returns:
        The track, its channels and what was heard of the tracks that were tried.

    Raises:
        InputError: There is no sound, or no such track or channel.
    """
    stream, why = choose_audio_stream(media, language, wanted, path.name)
    listener = _Listener(path, media, config, clip)
    if wanted is not None or len(media.audio_streams) == 1:
        check_channels(config.audio_channels, stream)
        channels = listener.channels(stream)
        return Dialogue(stream, why, channels, [], listener.is_deaf)
    tried = [listener.try_track(stream)]
    if tried[0].speech is not None and tried[0].speech < LEAST_SPEECH:
        tried += map(listener.try_track, _others(media, stream, language))
    best = max(tried, key=lambda one: one.speech or 0.0)
    first = tried[0].speech or 0.0
    if best is not tried[0] and (best.speech or 0.0) >= max(LEAST_SPEECH, MUCH_MORE * first):
        passed = media.audio_streams.index(stream) + 1
        why = f"somebody speaks in it, and nobody in track {passed}"
    else:
        best = tried[0]
    check_channels(config.audio_channels, best.stream)
    heard_tracks = [_record(media, one) for one in tried]
    return Dialogue(best.stream, why, best.channels, heard_tracks, listener.is_deaf)


def _others(media: MediaInfo, chosen: AudioStream, language: str) -> list[AudioStream]:
    """Return the other tracks that may be dialogue, those of the language first."""
    others = [s for s in media.audio_streams if s.index != chosen.index and s.is_dialogue]
    return sorted(others, key=lambda one: not same_language(one.language, language))


def _record(media: MediaInfo, tried: _Tried) -> HeardTrack:
    number = media.audio_streams.index(tried.stream) + 1
    return HeardTrack(track=number, level_db=round(tried.level, 1), speech_seconds=tried.speech)


class _Listener:
    """Hears moments of a film's tracks."""

    def __init__(
        self, path: Path, media: MediaInfo, config: PipelineConfig, clip: ClipRange | None
    ) -> None:
        environments = EnvironmentManager()
        python = environments.python(environments.environment_for_stage(DETECTION))
        self._python = python
        self.is_deaf = False
        self._wanted = config.audio_channels
        start, end = (clip.start, clip.end) if clip else (0.0, media.duration)
        self._read = partial(read_moments, path, start=start, end=end, look_ahead=media.look_ahead)

    def _listen(self, sounds: Sequence[Sound]) -> list[Regions] | None:
        found = find_speech(sounds, self._python)
        self.is_deaf = self.is_deaf or found is None
        return found

    def channels(self, stream: AudioStream) -> ChannelChoice:
        """Return the channels of a track that is taken whatever is in it."""
        if self._wanted != "auto" or stream.channels == 1:
            return ChannelChoice(self._wanted)
        return choose_channels(stream, self._read(stream), self._listen)

    def try_track(self, stream: AudioStream) -> _Tried:
        """Return what is heard of a track."""
        moments = self._read(stream)
        if not moments:
            return _Tried(stream, ChannelChoice(self._wanted), level=-120.0, speech=0.0)
        chosen = ChannelChoice(self._wanted)
        if self._wanted == "auto":
            chosen = choose_channels(stream, moments, self._listen)
        sound = heard(stream, moments, chosen.channels)
        found = self._listen([sound])
        speech = None if found is None else round(seconds_of(found[0]), 2)
        return _Tried(stream, chosen, level_db(sound), speech)
