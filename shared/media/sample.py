#!/usr/bin/env python3
"""
Sample: whether a film can be decoded at several points, before hours are spent on it.

Usage:
    from shared.media.sample import undecodable_points

    undecodable_points(film, stream=1, start=0.0, end=7200.0)   # [] when all is well
"""

from __future__ import annotations

from pathlib import Path

from shared.core.errors import DependencyError
from shared.media.ffmpeg import media_input, pipe_output, read_ffmpeg

# Shares of the length; the end proper belongs to the comparison of durations in demux.
POINTS = (0.02, 0.25, 0.5, 0.75, 0.9)
SAMPLE_SECONDS = 0.5
SAMPLE_TIMEOUT = 60.0


def undecodable_points(film: Path, stream: int, start: float, end: float) -> list[float]:
    """Return the seconds at which the sound of a film cannot be decoded.

    Args:
        film: Path of the film; it is decoded for a moment at each of several points.
        stream: Number of the audio stream in the file.
        start: Seconds into the film at which the part to work on begins.
        end: Seconds at which it ends.
    """
    points = [start + share * (end - start) for share in POINTS]
    return [point for point in points if not _decodes(film, stream, point)]


def _decodes(film: Path, stream: int, point: float) -> bool:
    sound = media_input(film, ss=f"{point:.3f}", t=SAMPLE_SECONDS)[str(stream)]
    output = pipe_output([sound], "framecrc", {"c:a": "pcm_s16le", "xerror": None})
    try:
        told = read_ffmpeg(output, SAMPLE_TIMEOUT).decode("ascii", "replace")
    except DependencyError:
        return False
    # ffmpeg says success where it has found nothing: a line for each frame, after its comments.
    return any(line and not line.startswith("#") for line in told.splitlines())
