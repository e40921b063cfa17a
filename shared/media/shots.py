#!/usr/bin/env python3
"""
Shots: when the picture cuts from one shot to the next.

ffmpeg's scene change detector looks at a small copy of every frame (160 pixels wide: the cuts are
the same as at full size, and decoding is all that it costs).

Usage:
    from shared.media.shots import find_shot_changes

    shots = find_shot_changes(film, clip=None, scratch=stage_dir, timeout=600)
    shots.times    # [16.583, 17.583, …]
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from shared.core.identity import media_identity
from shared.media.clip import ClipRange, range_options
from shared.media.ffmpeg import looking_ahead, media_input, pipe_output, run_ffmpeg

SHOTS_FILE = "shot_changes.json"
# Mean difference of two frames in percent, the detector's own default.
THRESHOLD = 10.0
WIDTH = 160
FOUND = re.compile(r"^lavfi\.scd\.time=([\d.]+)$", re.MULTILINE)

Seconds = Annotated[float, AfterValidator(lambda value: round(value, 6))]


class ShotChanges(BaseModel):
    """`shot_changes.json` of stage subtitle_generation: the first frames of new shots."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1] = 1
    film: str
    clip: ClipRange | None
    threshold: float
    times: list[Seconds]


def find_shot_changes(
    media: Path,
    clip: ClipRange | None,
    scratch: Path,
    timeout: float,
    progress: Callable[[float], None] | None = None,
    look_ahead: float = 0.0,
) -> ShotChanges:
    """Return the shot changes of a film, decoding its picture once.

    Args:
        media: The film, with a picture.
        clip: The part to look at; None = all. Times count from its start.
        scratch: Folder for a file that is removed again.
        timeout: Longest run in seconds.
        progress: Called with the seconds looked at.
        look_ahead: As of MediaInfo.

    Raises:
        DependencyError: When ffmpeg fails or takes too long.
    """
    told = scratch / "shot_changes.txt"
    ahead = looking_ahead(look_ahead)
    film = media_input(media, skip_loop_filter="all", **range_options(clip), **ahead)
    picture = (
        film["V:0"]
        .filter("scale", width=WIDTH, height=-2, flags="fast_bilinear")
        .filter("scdet", threshold=THRESHOLD)
        .filter("metadata", mode="print", key="lavfi.scd.time", file=told)
    )
    try:
        run_ffmpeg(pipe_output([picture], "null"), timeout, progress)
        text = told.read_text(encoding="ascii") if told.exists() else ""
    finally:
        told.unlink(missing_ok=True)
    times = sorted(float(found) for found in FOUND.findall(text))
    return ShotChanges(
        film=media_identity(media) or "", clip=clip, threshold=THRESHOLD, times=times
    )


def read_shot_changes(path: Path, media: Path, clip: ClipRange | None) -> ShotChanges | None:
    """Return what an earlier run found in the same film, None when it has to be found again.

    Args:
        path: The file of the earlier run; it may be missing or broken.
        media: The film.
        clip: The part of it.
    """
    try:
        known = ShotChanges.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    same = known.film == media_identity(media) and known.clip == clip
    return known if same and known.threshold == THRESHOLD else None
