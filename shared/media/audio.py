#!/usr/bin/env python3
"""
Audio: the film's sound as files that the later stages work on.

All times are those of the film: sound that starts late is padded with silence at its front, gaps
inside the stream are filled, so that second N of the file is second N of the film (or clip).

Usage:
    from shared.media.audio import SPEECH_FORMAT, SPEECH_RATE, SoundOutput, extract_audio

    extract_audio(
        film, stream, clip, [SoundOutput(target, SPEECH_FORMAT, SPEECH_RATE)], timeout=600
    )
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import DependencyError
from shared.media.clip import ClipRange, range_options
from shared.media.ffmpeg import (
    Options,
    file_output,
    looking_ahead,
    media_input,
    pipe_output,
    run_ffmpeg,
    run_ffprobe,
)
from shared.media.processes import last_words

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream, OutputStream

SPEECH_RATE = 16_000
SPEECH_FORMAT: Options = {"ac": 1, "c:a": "pcm_s16le"}
FULL_FORMAT: Options = {"c:a": "flac", "compression_level": 2}
PROBE_TIMEOUT = 120.0
# Where two recordings are joined, a decoder misses the packets before; that is no damage.
JOINTS = 2
DAMAGE = re.compile(r"corrupt|while decoding|Invalid data|invalid frame", re.IGNORECASE)
LOOK_SECONDS = 10.0
# Streams of a cut-off film do not end at quite the same time: what goes on must do so for a moment.
CUT_JITTER = 1.0
# Tracks cut without decoding end so far apart; seconds of sound.
SMALL_LOSS = 0.5


@dataclass(frozen=True)
class SoundOutput:
    """A form of an audio stream that is written to a file.

    Attributes:
        target: The file to write.
        audio_format: Channels and codec, as options of ffmpeg.
        sample_rate: Hz; None keeps the stream's own.
        audio_filter: Filters to put first, for example the centre channel alone.
    """

    target: Path
    audio_format: Options
    sample_rate: int | None = None
    audio_filter: Callable[[FilterableStream], FilterableStream] | None = None


def extract_audio(
    media: Path,
    stream: int,
    clip: ClipRange | None,
    files: Sequence[SoundOutput],
    timeout: float,
    beside: Sequence[int] = (),
    look_ahead: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> str | None:
    """Write one audio stream to files, on the film's own clock; the film is read and decoded once.

    Args:
        media: The film.
        stream: Number of the stream in the file.
        clip: The part to take; None = all.
        files: What is written, in which form.
        timeout: Longest run in seconds.
        beside: Numbers of the file's other pictures and sounds. ffmpeg starts the clock of a
            transport stream at the first packet of the streams that it was asked for: asked for
            these too, sound that starts late stays late.
        look_ahead: As of MediaInfo.
        progress: Called with the seconds written.

    Returns:
        What ffmpeg said of damage in the film, None when it found none.

    Raises:
        DependencyError: When ffmpeg fails or takes too long.
    """
    import ffmpeg

    film = media_input(media, **range_options(clip), **looking_ahead(look_ahead))
    outputs = [_sound_output(film[str(stream)], one) for one in files]
    if beside:
        outputs.append(pipe_output([film[str(one)] for one in beside], "null", {"c": "copy"}))
    messages = run_ffmpeg(ffmpeg.merge_outputs(*outputs), timeout, progress)
    damage = [message for message in messages if DAMAGE.search(message)]
    if len(damage) <= JOINTS:
        return None
    return last_words(damage[:1]).replace(f"file:{media}: ", "")


def _sound_output(sound: FilterableStream, file: SoundOutput) -> OutputStream:
    sound = file.audio_filter(sound) if file.audio_filter else sound
    rate = {"sample_rate": file.sample_rate} if file.sample_rate else {}
    sound = sound.filter("aresample", **rate, **{"async": 1, "first_pts": 0})
    return file_output([sound], file.target, {"map_metadata": -1, **file.audio_format})


def goes_on_after(media: Path, silent: tuple[float, float], origin: float = 0.0) -> bool:
    """Return whether a film goes on where its sound is missing: whether it is whole, not cut off.

    Args:
        media: The film.
        silent: From where to where there is no sound, seconds from the film's start.
        origin: Time stamp of the film's start in seconds (MediaInfo.start_time).
    """
    first = origin + silent[0] + min(CUT_JITTER, (silent[1] - silent[0]) / 2)
    asked = ["-of", "csv=p=0", "-show_entries", "packet=dts_time"]
    # An end in time, not in packets: reading starts at the key frame before, however far back.
    asked += ["-read_intervals", f"{first:.3f}%{first + LOOK_SECONDS:.3f}"]
    try:
        answer = run_ffprobe(media, asked, PROBE_TIMEOUT)
    except DependencyError:
        return False
    times = [field.strip(",") for field in answer.split()]
    return any(float(t) > first for t in times if t.replace(".", "", 1).isdigit())
