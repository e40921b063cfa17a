#!/usr/bin/env python3
"""
Sample: whether a film can be decoded at several points, before hours are spent on it.

A point is no verdict: where a jump into the file finds nothing, it is read from its beginning.

Usage:
    from shared.media.intake.sample import is_undecodable, undecodable_points

    undecodable_points(film, stream=1, start=0.0, end=7200.0)   # [] when all is well
    is_undecodable(film, 1, 7200.0)                              # nothing at the beginning either
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.core.errors import DependencyError
from shared.media.audio import SPEECH_RATE
from shared.media.ffmpeg import Option, looking_ahead, media_input, pipe_output, read_ffmpeg

# Shares of the length; the end proper belongs to the comparison of durations in demux.
POINTS = (0.02, 0.25, 0.5, 0.75, 0.9)
SAMPLE_SECONDS = 0.5
# A jump lands between two packets of sound, or before a key frame: decoders want a moment.
RUN_UP = 1.0
BEGINNING = 120.0
SAMPLE_TIMEOUT = 60.0
# Less of the beginning is what stands before damage.
LEAST_SHARE = 0.1
PRESENTED, SAMPLES = 2, 3  # columns: when a frame is shown, how long it is
DECODED: dict[str, Option] = {"c:a": "pcm_s16le", "ar": SPEECH_RATE}
# Also packets before the first key frame: that may be far away.
COPIED: dict[str, Option] = {"c": "copy", "copyinkf": None}


def undecodable_points(
    film: Path,
    stream: int,
    start: float,
    end: float,
    beside: Sequence[int] = (),
    look_ahead: float = 0.0,
) -> list[float]:
    """Return the seconds at which the sound of a film cannot be decoded.

    Where its picture goes on and it has no packets, it pauses: nothing there is to be decoded.

    Args:
        film: Path of the film; it is decoded for a moment at each of several points.
        stream: Number of the audio stream in the file.
        start: Seconds into the film at which the part to work on begins.
        end: Seconds at which it ends.
        beside: Numbers of its other pictures and sounds.
        look_ahead: As of MediaInfo.
    """
    points = [start + share * (end - start) for share in POINTS]
    return [
        point
        for point in points
        if not _sounds(film, stream, point, look_ahead)
        and not _pauses(film, [stream, *beside], _window(point, look_ahead, run_up=0.0))
    ]


def is_undecodable(film: Path, stream: int, length: float, look_ahead: float = 0.0) -> bool:
    """Return whether the beginning of a film gives hardly any sound either, read without a jump.

    Args:
        film: Path of the film.
        stream: Number of the audio stream in the file.
        length: Seconds of the film.
        look_ahead: As of MediaInfo.
    """
    beginning = {"t": BEGINNING, **looking_ahead(look_ahead)}
    samples = sum(
        int(line.split(",")[SAMPLES]) for line in _lines(film, [stream], beginning, DECODED)
    )
    return samples < LEAST_SHARE * min(BEGINNING, length) * SPEECH_RATE


def _sounds(film: Path, stream: int, point: float, look_ahead: float) -> bool:
    """Return whether sound is decoded at a point, not only on the way to it."""
    frames = [
        line.split(",") for line in _lines(film, [stream], _window(point, look_ahead), DECODED)
    ]
    reached = max((int(one[PRESENTED]) + int(one[SAMPLES]) for one in frames), default=0)
    return reached > min(point, RUN_UP) * SPEECH_RATE


def _window(point: float, look_ahead: float, run_up: float = RUN_UP) -> dict[str, Option]:
    first = max(0.0, point - run_up)
    window = {"ss": f"{first:.3f}", "t": f"{point - first + SAMPLE_SECONDS:.3f}"}
    return {**window, **looking_ahead(look_ahead)}


def _pauses(film: Path, streams: Sequence[int], window: dict[str, Option]) -> bool:
    """Return whether the first of several streams alone has no packets."""
    packets = [line.split(",") for line in _lines(film, streams, window, COPIED)]
    # A jump that fails lands far before the window.
    there = {int(packet[0]) for packet in packets if int(packet[PRESENTED]) >= 0}
    return bool(there) and 0 not in there


def _lines(
    film: Path, streams: Sequence[int], window: dict[str, Option], options: dict[str, Option]
) -> list[str]:
    """Return a line for each frame or packet; none where ffmpeg fails or finds nothing."""
    source = media_input(film, **window)
    output = pipe_output([source[str(one)] for one in streams], "framecrc", options)
    try:
        told = read_ffmpeg(output, SAMPLE_TIMEOUT).decode("ascii", "replace")
    except DependencyError:
        return []
    return [line for line in told.splitlines() if line and not line.startswith("#")]
