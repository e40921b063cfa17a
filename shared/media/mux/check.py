#!/usr/bin/env python3
"""
Mux check: whether a finished film is what was to be made; ffmpeg's exit code alone proves nothing.

Usage:
    from shared.media.mux.check import check_film, lost_rotation

    made = check_film(target, plan, expected_seconds=5400.0)
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from shared.core.errors import DependencyError
from shared.media.mux.plan import MuxPlan
from shared.media.probe import MediaInfo, MediaStream, probe_media

DURATION_TOLERANCE = 1.0


def check_film(target: Path, plan: MuxPlan, expected_seconds: float) -> MediaInfo:
    """Probe the finished film.

    Args:
        target: The film.
        plan: What was to go in.
        expected_seconds: Length that it should have.

    Returns:
        What the film holds.

    Raises:
        DependencyError: When streams are missing or it is cut off (a full disk does that).
    """
    made = probe_media(target)
    held, wanted = Counter(map(_part, made.streams)), _wanted(plan)
    lacking = [
        f"{held[part]} {part} of {count}" for part, count in wanted.items() if held[part] < count
    ]
    if lacking:
        raise DependencyError(f"The finished film lacks streams: {', '.join(lacking)}")
    if made.duration < expected_seconds - DURATION_TOLERANCE:
        raise DependencyError(
            f"The finished film is {made.duration:.1f} s long instead of {expected_seconds:.1f} s",
            hint="Is the disk full?",
        )
    return made


def lost_rotation(made: MediaInfo, plan: MuxPlan) -> bool:
    """Return whether a copied picture would be shown turned: older ffmpegs write no rotation.

    Args:
        made: What the finished film holds.
        plan: What went in.
    """
    if plan.encodes_picture:
        return False  # ffmpeg turns what it encodes
    pictures = [stream for stream in plan.streams[0] if _part(stream) == "picture"]
    return [one.rotation for one in pictures] != [one.rotation for one in made.video_streams]


def _part(stream: MediaStream) -> str:
    """Return what a stream counts as; Matroska holds covers as attachments, MP4 as pictures."""
    if stream.kind == "attachment" or stream.is_cover:
        return "attached"
    return {"video": "picture", "subtitle": "subtitles"}.get(stream.kind, stream.kind)


def _wanted(plan: MuxPlan) -> Counter[str]:
    """Return how many of each the film should hold."""
    wanted = Counter(map(_part, plan.streams[0]))
    if plan.container.attachments:  # covers are among what is attached anew
        wanted["attached"] = sum(one.kind == "attachment" for one in plan.streams[0])
        wanted["attached"] += len(plan.attached)
    wanted["subtitles"] += len(plan.tracks)
    return wanted
