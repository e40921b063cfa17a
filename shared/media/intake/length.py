#!/usr/bin/env python3
"""
Length: how long a film is, measured where its container does not know it.

Usage:
    from shared.media.intake.length import measure_length

    measure_length(path)    # 16.07: seconds of what can be read
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from shared.core.errors import DependencyError
from shared.media.ffmpeg import Option, looking_ahead, media_input, pipe_output, run_ffmpeg

# Streams without a container: their length is guessed from the first packets and the file's size.
GUESSED = frozenset("aac ac3 amr dts dtshd eac3 latm loas mp3 truehd".split())
MEASURE_TIMEOUT = 1800.0


def is_guessed(container: str) -> bool:
    """Return whether the length that ffprobe tells for a container is a guess.

    Args:
        container: ffprobe's name for it.
    """
    return container in GUESSED


def measure_length(path: Path, look_ahead: float = 0.0) -> float:
    """Return the seconds of sound and picture in a file, read to its end without decoding.

    Args:
        path: The film.
        look_ahead: As of MediaInfo.

    Returns:
        0.0 where nothing can be read.
    """
    film = media_input(path, **looking_ahead(look_ahead))
    read: dict[str, Option] = {"c": "copy", "copy_unknown": None}
    reached = 0.0

    def note(seconds: float) -> None:
        nonlocal reached
        reached = max(reached, seconds)

    with suppress(DependencyError):  # what was read until then counts
        run_ffmpeg(pipe_output([film["a?"], film["V?"]], "null", read), MEASURE_TIMEOUT, note)
    return reached
