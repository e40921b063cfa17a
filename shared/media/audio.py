#!/usr/bin/env python3
"""
Audio: the film's sound as files that the later stages work on.

All times are those of the film: sound that starts late is padded with silence at its front, gaps
inside the stream are filled, so that second N of the file is second N of the film (or clip).

Usage:
    from shared.media.audio import SPEECH_FORMAT, extract_audio

    extract_audio(film, stream, clip, target, SPEECH_FORMAT, timeout=600)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import DependencyError
from shared.media.clip import ClipRange, range_options
from shared.media.ffmpeg import (
    Options,
    file_output,
    media_input,
    pipe_output,
    run_ffmpeg,
    run_ffprobe,
)

if TYPE_CHECKING:
    from ffmpeg.nodes import FilterableStream

SPEECH_RATE = 16_000
SPEECH_FORMAT: Options = {"ac": 1, "c:a": "pcm_s16le"}
FULL_FORMAT: Options = {"c:a": "flac", "compression_level": 2}
PROBE_TIMEOUT = 120.0
LOOK_SECONDS = 10.0
# Streams of a cut-off film do not end at quite the same time: what goes on must do so for a moment.
CUT_JITTER = 1.0
# Tracks cut without decoding end so far apart; seconds of sound.
SMALL_LOSS = 0.5


def extract_audio(
    media: Path,
    stream: int,
    clip: ClipRange | None,
    target: Path,
    audio_format: Options,
    timeout: float,
    sample_rate: int | None = None,
    audio_filter: Callable[[FilterableStream], FilterableStream] | None = None,
    beside: Sequence[int] = (),
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write one audio stream to a file, on the film's own clock.

    Args:
        media: The film.
        stream: Number of the stream in the file.
        clip: The part to take; None = all.
        target: The file to write.
        audio_format: Channels and codec of the output, as options of ffmpeg.
        timeout: Longest run in seconds.
        sample_rate: Hz; None keeps the stream's own.
        audio_filter: Filters to put first, for example the centre channel alone.
        beside: Numbers of the file's other pictures and sounds. ffmpeg starts the clock of a
            transport stream at the first packet of the streams that it was asked for: asked for
            these too, sound that starts late stays late.
        progress: Called with the seconds written.

    Raises:
        DependencyError: When ffmpeg fails or takes too long.
    """
    import ffmpeg

    film = media_input(media, **range_options(clip))
    sound = film[str(stream)]
    sound = audio_filter(sound) if audio_filter else sound
    rate = {"sample_rate": sample_rate} if sample_rate else {}
    sound = sound.filter("aresample", **rate, **{"async": 1, "first_pts": 0})
    output = file_output([sound], target, {"map_metadata": -1, **audio_format})
    if beside:
        clock = pipe_output([film[str(other)] for other in beside], "null", {"c": "copy"})
        output = ffmpeg.merge_outputs(output, clock)
    run_ffmpeg(output, timeout, progress)


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
