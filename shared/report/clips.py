#!/usr/bin/env python3
"""
Clips: the frame and the seconds of sound of each doubt, small, as data that a page can hold.

The worst doubts get theirs first, until the page is full or the time is up: a page tells of a job
and never holds it up for long. What the page before it has of the same moment is taken from there.

Usage:
    from shared.report.clips import ClipLimits, add_clips

    add_clips(facts, entries, ClipLimits(most=40), kept_clips(page))
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import PipelineError
from shared.media.ffmpeg import (
    Options,
    file_output,
    looking_ahead,
    media_input,
    run_ffmpeg,
    together,
)
from shared.media.probe import MediaInfo, probe_media
from shared.report.entries import Clip, Entry
from shared.report.facts import Facts
from shared.stage_order import get_stage_dir

if TYPE_CHECKING:
    from ffmpeg.nodes import OutputStream

# A cue is heard with what is around it, in seconds, and never for longer than can be told.
AROUND, LONGEST = 0.5, 12.0
FRAME_WIDTH, MOST_HEIGHT = 320, 960
# Late enough in a cue that a cut at its start is over.
INTO_CUE = 1.0
SOUND_RATE, SOUND_BITS = 16_000, "20k"
ONE_TIMEOUT = 30.0
# Sounds that one program cuts: to start it costs as much as to cut one.
AT_ONCE = 8
# What a failing film may cost: so many pieces in a row that cannot be made, and no more are tried.
MOST_FAILURES = 3
LARGEST_PAGE = 16 << 20  # bytes; what is larger is no page of ours
LARGEST_CLIP = 300_000  # bytes, of one picture or sound
# As the page has them: the key of the moment, the data.
KEPT = re.compile(
    r'data-clip="([0-9a-f]{16})" '
    rf'src="(data:(?:image/jpeg|audio/webm);base64,[A-Za-z0-9+/=]{{1,{LARGEST_CLIP * 4 // 3}}})"'
)


@dataclass(frozen=True)
class ClipLimits:
    """How many doubts get picture and sound, how many bytes all may have, in how many seconds.

    `is_cutting`: whether new ones are cut, which takes seconds; else there are those of before.
    """

    most: int = 40
    most_bytes: int = 2_500_000
    most_seconds: float = 90.0
    is_cutting: bool = True


@dataclass(frozen=True)
class _Source:
    """What the clips of one kind are cut from: a file, its state as a digest, its facts."""

    path: Path
    state: str
    film: MediaInfo | None = None


def kept_clips(page: Path) -> dict[str, str]:
    """Return the clips that a page of the same job holds, by their keys; {} without one.

    Args:
        page: Its report.html; need not be there.
    """
    try:
        is_one = page.is_file() and page.stat().st_size <= LARGEST_PAGE
        return dict(KEPT.findall(page.read_text(encoding="utf-8"))) if is_one else {}
    except (OSError, UnicodeDecodeError):
        return {}


def add_clips(
    facts: Facts, entries: Sequence[Entry], limits: ClipLimits, kept: Mapping[str, str]
) -> str:
    """Give the first doubts their frame and their sound; what cannot be made is left out.

    Args:
        facts: What is known of the job.
        entries: The queue; the first get theirs.
        limits: When to stop.
        kept: Of kept_clips.

    Returns:
        Why some of those that should have them have not, '' where all have.
    """
    wanted = entries[: limits.most]
    if not wanted:
        return ""
    film, sound = _picture(facts), _sound(facts)
    until = time.monotonic() + limits.most_seconds
    left = limits.most_bytes
    failures = 0
    with tempfile.TemporaryDirectory(prefix="cp-report-") as folder:
        for number, entry in enumerate(wanted):
            if sound is not None and limits.is_cutting and number % AT_ONCE == 0:
                group = wanted[number : number + AT_ONCE]
                _cut_sounds(facts, group, sound, Path(folder), kept)
            if time.monotonic() > until:
                return f"picture and sound of the first {number}: the others would take too long"
            if left <= 0:
                return f"picture and sound of the first {number}: more would make a large page"
            if failures >= MOST_FAILURES:
                return "the film gives no more pictures and sounds"
            try:
                _fill(facts, entry, film, sound, Path(folder) if limits.is_cutting else None, kept)
            except PipelineError:
                failures += 1
                continue
            failures = 0
            left -= len(entry.picture.data) + len(entry.sound.data)
    lacking = [word for word, one in (("picture", film), ("sound", sound)) if one is None]
    return f"no {' and no '.join(lacking)} is to be had" if lacking else ""


def _fill(
    facts: Facts,
    entry: Entry,
    film: _Source | None,
    sound: _Source | None,
    folder: Path | None,
    kept: Mapping[str, str],
) -> None:
    """Take picture and sound of one doubt from the page before, or make them in a folder.

    One behind the end, as an edited cue may be, has none.
    """
    if entry.start >= facts.duration:
        return
    if film is not None:
        key = _key(facts, entry, film)
        made = kept.get(key, "")
        if not made and folder is not None:
            _cut_frame(facts, entry, film, path := folder / "frame.jpg")
            made = _data(path, "image/jpeg")
        entry.picture = Clip(key, made)
    if sound is not None:
        key = _key(facts, entry, sound)
        made = kept.get(key, "")
        if not made and folder is not None:
            path = folder / f"{key}.webm"
            if not path.is_file():
                run_ffmpeg(_sound_output(sound.path, entry, path), ONE_TIMEOUT)
            made = _data(path, "audio/webm")
        entry.sound = Clip(key, made)


def _key(facts: Facts, entry: Entry, source: _Source) -> str:
    """Return what tells the moment of a source from every other one."""
    moment = (source.state, facts.job.clip, round(entry.start, 3), round(entry.end, 3))
    return hashlib.sha256(repr(moment).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _cut_frame(facts: Facts, entry: Entry, source: _Source, path: Path) -> None:
    """Write the frame that is shown while a cue is read."""
    film = source.film
    assert film is not None
    clip = facts.job.clip
    into = min(INTO_CUE, max(0.0, entry.end - entry.start) / 2)
    at = entry.start + into + (clip.start if clip else 0.0)
    at = min(max(0.0, at), max(0.0, film.duration - 0.2))
    ahead = looking_ahead(film.look_ahead)
    opened = media_input(source.path, ss=f"{at:.3f}", threads=1, **ahead)
    height = f"min(trunc(ow/dar/2)*2,{MOST_HEIGHT})"  # pixels need not be square
    picture = (
        opened["V:0"].filter("scale", width=FRAME_WIDTH, height=height).filter("setsar", sar=1)
    )
    options: Options = {
        "frames:v": 1,
        "q:v": 7,
        "map_metadata": -1,
        "pix_fmt": "yuvj420p",
        "threads": 1,
    }
    run_ffmpeg(file_output([picture], path, options), ONE_TIMEOUT)


def _cut_sounds(
    facts: Facts, entries: Sequence[Entry], sound: _Source, folder: Path, kept: Mapping[str, str]
) -> None:
    """Write the sounds of several doubts; where that fails each is cut by itself later."""
    keys = {_key(facts, entry, sound): entry for entry in entries}
    wanted = {folder / f"{key}.webm": entry for key, entry in keys.items() if key not in kept}
    outputs = [_sound_output(sound.path, entry, path) for path, entry in wanted.items()]
    try:
        if outputs:
            run_ffmpeg(together(outputs), ONE_TIMEOUT)
    except PipelineError:
        for path in wanted:
            path.unlink(missing_ok=True)


def _sound_output(sound: Path, entry: Entry, path: Path) -> OutputStream:
    """Return what writes the seconds of a cue and a moment around them."""
    start = max(0.0, entry.start - AROUND)
    seconds = min(LONGEST, entry.end + AROUND - start)
    heard = media_input(sound, ss=f"{start:.3f}", t=f"{max(0.2, seconds):.3f}")["a:0"]
    options: Options = {"c:a": "libopus", "application": "voip", "b:a": SOUND_BITS}
    options = {**options, "compression_level": 1, "ac": 1, "ar": SOUND_RATE, "map_metadata": -1}
    return file_output([heard], path, options)


def _data(path: Path, kind: str) -> str:
    """Return what was made as the address of data and remove it, '' for nothing or too much."""
    is_fit = path.is_file() and path.stat().st_size <= LARGEST_CLIP
    content = path.read_bytes() if is_fit else b""
    path.unlink(missing_ok=True)
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}" if content else ""


def _picture(facts: Facts) -> _Source | None:
    """Return the film, None where there is none or no picture in it."""
    path = Path(facts.job.media.path)
    try:
        film = probe_media(path)
        return _Source(path, _state(path), film) if film.video_streams else None
    except (PipelineError, OSError):
        return None


def _sound(facts: Facts) -> _Source | None:
    """Return the sound that was heard, None where it is not there any more."""
    for stage, name in (("demux", "audio.wav"), ("source_separation", "vocals.wav")):
        path = facts.job_dir / get_stage_dir(stage) / name
        if path.is_file():
            return _Source(path, _state(path))
    return None


def _state(path: Path) -> str:
    status = os.stat(path)
    return f"{path}:{status.st_size}:{status.st_mtime_ns}"
