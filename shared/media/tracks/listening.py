#!/usr/bin/env python3
"""
Listening: a cheap look at what the tracks and channels of a film hold: a few moments of each, their
levels, how alike the channels are, and where somebody speaks.

Usage:
    from shared.media.tracks.listening import find_speech, read_moments

    moments = read_moments(film, stream, start=0.0, end=7200.0)     # list of (channels, samples)
    find_speech([moment[0] for moment in moments], python)          # seconds of speech in each
"""

from __future__ import annotations

import json
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import DependencyError, UnavailableError
from shared.core.paths import SCRIPTS_DIR
from shared.media.audio import SPEECH_RATE
from shared.media.ffmpeg import looking_ahead, media_input, pipe_output, read_ffmpeg
from shared.media.probe import AudioStream
from shared.media.processes import communicate
from shared.media.tracks.loudness import loud_moments_db, raise_by

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Sound = NDArray[numpy.float32]

MOMENTS = 8
MOMENT_SECONDS = 5.0
READ_TIMEOUT = 120.0
LISTEN_TIMEOUT = 300.0
LISTENER = SCRIPTS_DIR / "speech" / "listen.py"
INT16_SCALE = 32_768.0
SILENCE_DB = -120.0

# Where somebody speaks: start and end in seconds.
Regions = list[tuple[float, float]]


def read_moments(
    film: Path, stream: AudioStream, start: float, end: float, look_ahead: float = 0.0
) -> list[Sound]:
    """Return moments of a track, evenly spread: float32 at 16 kHz, shape (channels, samples).

    A short film is read whole. What cannot be read is left out.

    Args:
        film: Its path; it is opened once for each moment.
        stream: The track.
        start: Seconds at which the part to look at begins.
        end: Seconds at which it ends.
        look_ahead: As of MediaInfo.
    """
    length = end - start
    if length <= MOMENTS * MOMENT_SECONDS:
        spans = [(start, length)]
    else:
        step = length / MOMENTS
        spans = [
            (start + (n + 0.5) * step - MOMENT_SECONDS / 2, MOMENT_SECONDS) for n in range(MOMENTS)
        ]
    moments = [_read(film, stream, first, seconds, look_ahead) for first, seconds in spans]
    return [moment for moment in moments if moment.shape[1]]


def level_db(sound: Sound) -> float:
    """Return the RMS level of samples, dB below full scale.

    Args:
        sound: Samples from -1 to 1, any shape.
    """
    import numpy

    power = float(numpy.mean(numpy.square(sound, dtype=numpy.float64))) if sound.size else 0.0
    return max(SILENCE_DB, 10 * float(numpy.log10(max(power, 1e-12))))


def find_speech(sounds: Sequence[Sound], python: Path) -> list[Regions] | None:
    """Return where somebody speaks in each of several sounds.

    Args:
        sounds: 16 kHz mono, float32, shape (samples,).
        python: Of the environment in which speech is detected.

    Returns:
        None where the detector cannot run.

    Raises:
        UnavailableError: The folder for temporary files cannot be written, or its disk is full.
    """
    with tempfile.TemporaryDirectory(prefix="listen-") as folder:
        paths = [Path(folder) / f"{number}.wav" for number in range(len(sounds))]
        try:
            for path, sound in zip(paths, sounds, strict=True):
                gain = raise_by(loud_moments_db(sound))
                _write(path, sound * 10 ** (gain / 20))
        except OSError as error:
            raise UnavailableError(
                f"Cannot write to {folder}: {error.strerror}",
                hint="Free space there, or name another folder with TMPDIR",
            ) from error
        try:
            told = communicate([str(python), str(LISTENER), *map(str, paths)], LISTEN_TIMEOUT)
        except (DependencyError, UnavailableError, OSError):
            return None
    lines = told.decode("utf-8").splitlines()
    return [[(start, end) for start, end in json.loads(line)] for line in lines]


def seconds_of(regions: Regions) -> float:
    """Return how long somebody speaks.

    Args:
        regions: Of find_speech.
    """
    return sum(end - start for start, end in regions)


def together(one: Regions, other: Regions) -> float:
    """Return the seconds in which somebody speaks in both of two sounds.

    Args:
        one: Of find_speech.
        other: Of find_speech.
    """
    return sum(max(0.0, min(b, d) - max(a, c)) for a, b in one for c, d in other)


def _read(
    film: Path, stream: AudioStream, first: float, seconds: float, look_ahead: float
) -> Sound:
    import numpy

    options = {"ss": f"{max(0.0, first):.3f}", "t": f"{seconds:.3f}", **looking_ahead(look_ahead)}
    sound = media_input(film, **options)[str(stream.index)]
    try:
        data = read_ffmpeg(pipe_output([sound], "s16le", {"ar": SPEECH_RATE}), READ_TIMEOUT)
    except DependencyError:
        data = b""
    whole = len(data) // (2 * stream.channels)
    samples = numpy.frombuffer(data, dtype="<i2", count=whole * stream.channels)
    return samples.reshape(whole, stream.channels).T.astype(numpy.float32) / INT16_SCALE


def _write(path: Path, sound: Sound) -> None:
    import numpy

    with wave.open(str(path), "wb") as stream:
        stream.setparams((1, 2, SPEECH_RATE, 0, "NONE", ""))
        scaled = numpy.clip(sound * INT16_SCALE, -INT16_SCALE, INT16_SCALE - 1)
        stream.writeframes(scaled.astype("<i2").tobytes())
