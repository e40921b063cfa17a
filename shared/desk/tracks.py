#!/usr/bin/env python3
"""
Tracks: the subtitle files of a job as the editor has them, and saved as a person's edit.

Usage:
    from shared.desk.tracks import find_tracks, read_track, save_track

    track = find_tracks(job_dir, job)["en"]
    seen = read_track(job_dir, track)
    save_track(job_dir, job, track, SaveRequest(seen=seen.sha256, cues=seen.cues))
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from shared.core.errors import InputError
from shared.desk.asked import LATEST, AskedCue, SaveRequest
from shared.pipeline.job.job import Job
from shared.pipeline.jobs.editing import edit_file, read_file
from shared.pipeline.jobs.results import results
from shared.subtitles.base.clock import MILLISECONDS, clock_time
from shared.subtitles.checking.playable import hidden
from shared.subtitles.files.names import parse_name
from shared.subtitles.files.source import SourceFile, parse_source, read_source

STAGE = "subtitle_generation"
FORMAT = ".srt"
OTHER_FORMATS = (".ass", ".vtt", ".ttml")
LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True)
class EditedTrack:
    """One track of a job.

    Attributes:
        key: Its language, with '.sdh' for deaf viewers: what a page names it by.
        language: BCP-47.
        file: Name in the job directory.
        is_edited: Whether a person edited it.
        locked: Why it cannot be edited here, '' where it can.
    """

    key: str
    language: str
    file: str
    is_edited: bool
    locked: str


@dataclass(frozen=True)
class TrackContent:
    """What a track holds: SHA-256 of its file, its cues, what of it is malformed."""

    sha256: str
    cues: list[AskedCue]
    faults: list[str]


class CueError(InputError):
    """A cue cannot be saved.

    Args:
        cause: As for ToldError.
        hint: As for ToldError.
        cue: Its place among those that were sent, 0 = the first.
    """

    def __init__(self, cause: str, hint: str, cue: int) -> None:
        super().__init__(cause, hint)
        self.cue = cue


def find_tracks(job_dir: Path, job: Job) -> dict[str, EditedTrack]:
    """Return the tracks of a job by their keys.

    Args:
        job_dir: The job directory.
        job: Its job.json.
    """
    files = {one.path.name: one for one in results(job_dir, STAGE) if one.state != "lost"}
    found = {}
    for name, one in files.items():
        if not name.endswith(FORMAT):
            continue
        parsed = parse_name(name.removeprefix(job.file_stem))
        key = parsed.language if parsed.kind == "full" else f"{parsed.language}.{parsed.kind}"
        others = (name.removesuffix(FORMAT) + suffix for suffix in OTHER_FORMATS)
        edited = [other for other in others if other in files and files[other].state == "edited"]
        # The film may take the other form, and would show nothing of what is written here.
        locked = f"{edited[0]} was edited: go on in that file" if edited else ""
        found[key] = EditedTrack(key, parsed.language, one.name, one.state == "edited", locked)
    return found


def read_track(job_dir: Path, track: EditedTrack) -> TrackContent:
    """Return what a track holds now.

    Args:
        job_dir: The job directory.
        track: One of it.

    Raises:
        InputError: It cannot be read.
    """
    while True:
        seen = read_file(job_dir, track.file)
        source = examine_or_empty(job_dir / track.file)
        if read_file(job_dir, track.file).sha256 == seen.sha256:  # else it was changed meanwhile
            break
    cues = [
        AskedCue(start=_milliseconds(cue.start), end=_milliseconds(cue.end), text=cue.raw)
        for cue in source.cues
    ]
    faults = [f"line {one.line}: {one.cause}" for one in source.faults]
    faults += [f"line {line}: text outside of every cue" for line, _ in source.stray]
    return TrackContent(seen.sha256, cues, faults)


def examine_or_empty(path: Path) -> SourceFile:
    """Return a subtitle file that was read; one without a byte has no cues.

    Args:
        path: The file.

    Raises:
        InputError: It cannot be read.
    """
    if path.stat().st_size == 0:
        return SourceFile(format="srt", path=path)
    return read_source(path)


def save_track(job_dir: Path, job: Job, track: EditedTrack, wanted: SaveRequest) -> None:
    """Put what a person wrote in the place of a track, if it is still what he saw.

    Args:
        job_dir: The job directory.
        job: Its length.
        track: One of the job.
        wanted: The cues, and the digest of what he saw.

    Raises:
        CueError: A cue would not be shown as it is.
        ChangedFileError: Somebody has changed the file since.
        UnavailableError: A run holds the job, or the disk does not take the file.
        InputError: The track is not for editing here.
    """
    if track.locked:
        raise InputError(track.locked, hint="Or remove that edit with --force subtitle_generation")
    if not wanted.cues:  # an empty file counts as lost, and would be made again
        raise InputError("A track without a cue cannot be kept", hint="Leave one cue in it")
    text = as_text(wanted.cues, job.duration, Path(track.file).name)
    edit_file(job_dir, track.file, text.encode("utf-8"), seen=wanted.seen)


def as_text(cues: list[AskedCue], film_end: float, name: str) -> str:
    """Return cues as an SRT file of which a player shows each as it is.

    Args:
        cues: In any order.
        film_end: Seconds.
        name: Of the file, for what is told.

    Raises:
        CueError: A cue would not be shown, or not as it is.
    """
    order = sorted(range(len(cues)), key=lambda n: (cues[n].start, cues[n].end))
    texts, blocks, lines = [], [], [1]
    for number, place in enumerate(order, 1):
        text = _own_lines(cues[place].text)
        if not text:
            raise CueError("The cue is empty", "Write something into it, or delete it", place)
        ends = (cues[place].start, cues[place].end)
        times = " --> ".join(clock_time(one / MILLISECONDS, ",") for one in ends)
        texts.append(text)
        blocks.append(f"{number}\n{times}\n{text}\n\n")
        lines.append(lines[-1] + blocks[-1].count("\n"))
    source = parse_source("".join(blocks), "srt", Path(name))
    _refuse_hidden(
        source, film_end, lambda line: order[min(bisect_right(lines[1:], line), len(order) - 1)]
    )
    read = [cue.raw for cue in source.cues]
    for place, text, found in zip_longest(order, texts, read[: len(order)]):
        if found != text:
            told = "The text would be read as something else: as times, or as markup of its own"
            raise CueError(told, "Write it otherwise", place)
    if len(read) > len(order):
        raise CueError("A text would be read as one more cue", "Write it otherwise", order[-1])
    return source.text


def _own_lines(text: str) -> str:
    """Return a text without the empty lines that would end its cue."""
    return "\n".join(line for line in LINE_END.sub("\n", text).split("\n") if line.strip())


def _refuse_hidden(source: SourceFile, film_end: float, place_of: Callable[[int], int]) -> None:
    """Refuse what cannot be read or would not be shown, at the place of its line's cue."""
    for fault in source.faults:
        raise CueError(fault.cause, fault.hint, place_of(fault.line))
    for line, cause, hint in hidden(source, film_end):
        raise CueError(cause, hint, place_of(line))


def _milliseconds(seconds: float) -> int:
    return max(0, min(round(seconds * MILLISECONDS), LATEST))
