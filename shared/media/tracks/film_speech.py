#!/usr/bin/env python3
"""
Film speech: where somebody speaks in a film, from its beginning to its end.

Usage:
    from shared.media.tracks.film_speech import film_speech

    film_speech(Path("Film.mkv"), python, timeout=3600.0)     # [(12.15, 14.56), …]
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from shared.media.audio import SPEECH_FORMAT, SPEECH_RATE, SoundOutput, extract_audio
from shared.media.probe import probe_media
from shared.media.processes import communicate
from shared.media.tracks.choice import choose_audio_stream
from shared.media.tracks.listening import LISTENER, Regions

FINE = "--fine"


def film_speech(
    film: Path, python: Path, timeout: float, stream_index: int | None = None
) -> Regions:
    """Return where somebody speaks; each pause ends a region.

    Args:
        film: A film, or sound alone.
        python: Of the environment in which speech is detected.
        timeout: Longest run of ffmpeg, and of the detector, in seconds.
        stream_index: The sound to listen to, as ffprobe numbers streams; None = the best one.

    Returns:
        Start and end of each region in seconds, on the film's clock.

    Raises:
        InputError: It is no film, or has no sound.
        DependencyError: ffmpeg or the detector fails.
    """
    media = probe_media(film)
    if stream_index is None:
        stream_index = choose_audio_stream(media, "auto", None, film.name)[0].index
    with tempfile.TemporaryDirectory(prefix="listen-") as folder:
        sound = Path(folder) / "film.wav"
        extract_audio(
            film,
            stream_index,
            None,
            [SoundOutput(sound, SPEECH_FORMAT, SPEECH_RATE)],
            timeout,
            beside=media.clock_streams(stream_index),
            look_ahead=media.look_ahead,
        )
        told = communicate([str(python), str(LISTENER), FINE, str(sound)], timeout)
    return [(start, end) for start, end in json.loads(told)]
