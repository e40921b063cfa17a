#!/usr/bin/env python3
"""
Clips: the frame and the seconds of sound of each doubt, small, as data that a page can hold.

The worst doubts get theirs first, until the page is full or the time is up: a page tells of a job
and never holds it up for long.

Usage:
    from shared.report.clips import ClipLimits, add_clips

    add_clips(facts, entries, ClipLimits(most=40))
"""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import PipelineError
from shared.media.ffmpeg import Options, file_output, looking_ahead, media_input, run_ffmpeg
from shared.media.probe import MediaInfo, probe_media
from shared.report.entries import Entry
from shared.report.facts import Facts
from shared.stage_order import get_stage_dir

# A cue is heard with what is around it, in seconds, and never for longer than can be told.
AROUND, LONGEST = 0.5, 12.0
FRAME_WIDTH = 320
# Late enough in a cue that a cut at its start is over.
INTO_CUE = 1.0
SOUND_RATE, SOUND_BITS = 16_000, "20k"
ONE_TIMEOUT = 30.0
# What a failing film may cost: so many pieces in a row that cannot be made, and no more are tried.
MOST_FAILURES = 3
Make = Callable[[Path], None]


@dataclass(frozen=True)
class ClipLimits:
    """How many doubts get picture and sound, how many bytes all may have, in how many seconds."""

    most: int = 40
    most_bytes: int = 2_500_000
    most_seconds: float = 90.0


def add_clips(facts: Facts, entries: Sequence[Entry], limits: ClipLimits) -> str:
    """Give the first doubts their frame and their sound; what cannot be made is left out.

    Args:
        facts: What is known of the job.
        entries: The queue; the first get theirs.
        limits: When to stop.

    Returns:
        Why some of those that should have them have not, '' where all have.
    """
    wanted = entries[: limits.most]
    if not wanted:
        return ""
    film = _picture(facts)
    sound = _sound(facts)
    until = time.monotonic() + limits.most_seconds
    left = limits.most_bytes
    failures = 0
    with tempfile.TemporaryDirectory(prefix="cp-report-") as folder:
        for number, entry in enumerate(wanted):
            if time.monotonic() > until:
                return f"picture and sound of the first {number}: the others would take too long"
            if left <= 0:
                return f"picture and sound of the first {number}: more would make a large page"
            if failures >= MOST_FAILURES:
                return "the film gives no more pictures and sounds"
            try:
                _fill(facts, entry, film, sound, Path(folder))
            except PipelineError:
                failures += 1
                continue
            failures = 0
            left -= len(entry.picture) + len(entry.sound)
    lacking = [word for word, one in (("picture", film), ("sound", sound)) if one is None]
    return f"no {' and no '.join(lacking)} is to be had" if lacking else ""


def _fill(
    facts: Facts, entry: Entry, film: MediaInfo | None, sound: Path | None, folder: Path
) -> None:
    """Make the picture and the sound of one doubt."""
    if film is not None:
        entry.picture = _data(
            folder / "frame.jpg", "image/jpeg", lambda path: _cut_frame(facts, entry, film, path)
        )
    if sound is not None:
        entry.sound = _data(
            folder / "sound.webm", "audio/webm", lambda path: _cut_sound(sound, entry, path)
        )


def _cut_frame(facts: Facts, entry: Entry, film: MediaInfo, path: Path) -> None:
    """Write the frame that is shown while a cue is read."""
    clip = facts.job.clip
    into = min(INTO_CUE, max(0.0, entry.end - entry.start) / 2)
    at = entry.start + into + (clip.start if clip else 0.0)
    at = min(max(0.0, at), max(0.0, film.duration - 0.2))
    ahead = looking_ahead(film.look_ahead)
    opened = media_input(Path(facts.job.media.path), ss=f"{at:.3f}", threads=1, **ahead)
    height = "trunc(ow/dar/2)*2"  # pixels need not be square
    picture = opened["V:0"].filter("scale", FRAME_WIDTH, height).filter("setsar", 1)
    options: Options = {
        "frames:v": 1,
        "q:v": 7,
        "map_metadata": -1,
        "pix_fmt": "yuvj420p",
        "threads": 1,
    }
    run_ffmpeg(file_output([picture], path, options), ONE_TIMEOUT)


def _cut_sound(sound: Path, entry: Entry, path: Path) -> None:
    """Write the seconds of a cue and a moment around them."""
    start = max(0.0, entry.start - AROUND)
    seconds = min(LONGEST, entry.end + AROUND - start)
    heard = media_input(sound, ss=f"{start:.3f}", t=f"{max(0.2, seconds):.3f}")["a:0"]
    options: Options = {"c:a": "libopus", "application": "voip", "b:a": SOUND_BITS}
    sound_format: Options = {"ac": 1, "ar": SOUND_RATE, "map_metadata": -1}
    run_ffmpeg(file_output([heard], path, {**options, **sound_format}), ONE_TIMEOUT)


def _data(path: Path, kind: str, make: Make) -> str:
    """Return what was made as the address of data, '' where nothing was."""
    path.unlink(missing_ok=True)
    make(path)
    content = path.read_bytes() if path.is_file() else b""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}" if content else ""


def _picture(facts: Facts) -> MediaInfo | None:
    """Return what the film holds, None where there is no film or no picture in it."""
    try:
        film = probe_media(Path(facts.job.media.path))
    except PipelineError:
        return None
    return film if film.video_streams else None


def _sound(facts: Facts) -> Path | None:
    """Return the sound that was heard, None where it is not there any more."""
    return next((one for one in _sounds(facts) if one.is_file()), None)


def _sounds(facts: Facts) -> Iterator[Path]:
    for stage, name in (("demux", "audio.wav"), ("source_separation", "vocals.wav")):
        yield facts.job_dir / get_stage_dir(stage) / name
