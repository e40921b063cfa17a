#!/usr/bin/env python3
"""
Speech audio: the sound that stages hear, read from its file piece by piece.

A film of two hours is 460 MB of samples. Nothing needs them together: who hears a window or a
region asks for that piece.

Usage:
    from shared.media.audio import SPEECH_RATE
    from shared.media.speech_audio import SpeechAudio

    audio = SpeechAudio(path)
    len(audio) / SPEECH_RATE    # seconds
    audio[16_000:32_000]        # float32, shape (16000,): the second second
"""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import InputError
from shared.media.audio import SPEECH_RATE

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

INT16_SCALE = 32_768.0
MAKE_AGAIN = "Make it again with --force {}"


class SpeechAudio:
    """The samples of a 16 kHz mono 16-bit WAV file, as a sequence that is read where it is cut.

    Args:
        path: The file; it is held open.

    Raises:
        InputError: When it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = wave.open(str(path), "rb")
        except (wave.Error, EOFError) as error:
            raise _not_wav(path, error) from error
        form = (
            self._file.getframerate(),
            self._file.getnchannels(),
            self._file.getsampwidth(),
        )
        if form != (SPEECH_RATE, 1, 2):
            raise InputError(
                f"{path} is not 16 kHz mono 16-bit sound",
                hint=MAKE_AGAIN.format(path.parent.name[3:]),
            )

    def __len__(self) -> int:
        return self._file.getnframes()

    def __getitem__(self, piece: slice) -> NDArray[numpy.float32]:
        """Return the samples of a piece, float32 in -1..1, shape (samples,).

        Args:
            piece: First sample and the one after the last, without a step.

        Raises:
            InputError: When the file has become shorter than it was.
        """
        import numpy

        first, last, _ = piece.indices(len(self))
        count = max(0, last - first)
        self._file.setpos(first)
        data = self._file.readframes(count)
        if len(data) < 2 * count:
            raise _not_wav(self._path, EOFError("it ends before its declared length"))
        samples = numpy.frombuffer(data, dtype="<i2").astype(numpy.float32)
        samples /= numpy.float32(INT16_SCALE)
        return samples

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[numpy.float32]:
        """Return all samples, for a library that takes nothing less: 230 MB an hour."""
        return self[:]


def wav_duration(path: Path) -> float:
    """Return the length of a WAV file in seconds, from its header and its size.

    Args:
        path: A PCM WAV file.

    Raises:
        InputError: When it is not one.
    """
    try:
        with wave.open(str(path), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
    except (wave.Error, EOFError) as error:
        raise _not_wav(path, error) from error


def _not_wav(path: Path, error: Exception) -> InputError:
    hint = MAKE_AGAIN.format(path.parent.name[3:])
    return InputError(f"{path} is not a WAV file: {error}", hint=hint)
