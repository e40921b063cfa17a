#!/usr/bin/env python3
"""
Cues: what is doubtful in the subtitle files of a job, judged by the linter's own rules.

Usage:
    from shared.pipeline.jobs.doubts.cues import doubted_cues, read_tracks

    tracks = read_tracks(job_dir, job)
    found = list(doubted_cues(tracks, config, job))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shared.core.errors import InputError
from shared.core.settings import PipelineConfig
from shared.pipeline.job.job import Job
from shared.pipeline.jobs.doubts.doubt import Found, Kind, Told, told
from shared.pipeline.jobs.results import results
from shared.subtitles.base.cue import Cue, SourceCue
from shared.subtitles.base.finding import Place
from shared.subtitles.base.profiles import ReadingLimits, limits_from_config
from shared.subtitles.checking.lint import RULES
from shared.subtitles.files.names import parse_name
from shared.subtitles.files.source import read_source

STAGE = "subtitle_generation"
# What these rules find is told whatever its severity, others only where they find errors.
KINDS: dict[str, Kind] = {
    "foreign-script": "script",
    "reading-speed": "too fast",
    "word-rate": "too fast",
    "order": "broken",
    "overlap": "broken",
    "zero-length": "broken",
    "past-end": "broken",
    "empty": "broken",
    "broken-character": "broken",
}
# So many times what can be read is as bad as it gets.
HOPELESS = 2.0
# Fewer words are said twice often enough; later than this, in seconds, they are said again.
FEWEST_SAID_AGAIN, SOON = 3, 8.0


@dataclass(frozen=True)
class Track:
    """One subtitle file: language and kind, name in the job directory, cues in order of time."""

    name: str
    language: str
    is_sdh: bool
    file: str
    cues: list[SourceCue]

    @cached_property
    def starts(self) -> list[float]:
        """Where the cues begin, in seconds."""
        return [cue.start for cue in self.cues]


def read_tracks(job_dir: Path, job: Job) -> dict[str, Track]:
    """Return the subtitles of a job as they are now, by track; one that nobody can read is not.

    The track for deaf viewers says the same as the plain one: it counts where there is no other.

    Args:
        job_dir: The job directory.
        job: Its job.json.
    """
    found: dict[str, Track] = {}
    for one in results(job_dir, STAGE):
        if one.path.suffix != ".srt" or one.state == "lost":
            continue
        name = parse_name(one.path.name.removeprefix(job.file_stem))
        is_sdh = name.kind == "sdh"
        key = f"{name.language}.sdh" if is_sdh else name.language
        try:
            read = read_source(one.path).cues if one.size else []
        except InputError:  # told by whoever makes the film of it
            continue
        cues = sorted(read, key=lambda cue: cue.start)
        found[key] = Track(key, name.language, is_sdh, one.name, cues)
    return {key: one for key, one in found.items() if not one.is_sdh or one.language not in found}


def doubted_cues(tracks: dict[str, Track], config: PipelineConfig, job: Job) -> Iterator[Found]:
    """Yield what is wrong with cues as they are shown.

    Args:
        tracks: Of read_tracks.
        config: Profile and limits.
        job: Its frame rate and length.
    """
    for track in tracks.values():
        limits = limits_from_config(config, track.language, job.media.frame_rate, track.is_sdh)
        for index, cue in enumerate(track.cues):
            place = Place(index, track.cues, limits, film_end=job.duration)
            for reason in (*_told_by_rules(place), *_said_again(place)):
                yield Found(cue.start, cue.end, track.name, cue.text, reason, track.file, cue.line)


def _told_by_rules(place: Place) -> Iterator[Told]:
    """Yield what the linter says of a cue; what only breaks a rule of taste is one reason."""
    broken: list[str] = []
    for finding in (one for rule in RULES for one in rule(place)):
        kind = KINDS.get(finding.rule)
        if kind is not None:
            excess = _excess(place.cue, place.limits) if kind == "too fast" else 0.0
            yield told(kind, finding.message, excess)
        elif finding.severity == "error":
            broken.append(f"{finding.rule}: {finding.message}")
    if broken:
        yield told("rule", "; ".join(broken), (len(broken) - 1) / 2)


def _said_again(place: Place) -> Iterator[Told]:
    """Yield that a cue says what the one before it said, as a recogniser does that loops."""
    before, cue = place.before, place.cue
    if before is None or cue.start - before.end > SOON:
        return
    words = cue.text.casefold().split()
    if len(words) >= FEWEST_SAID_AGAIN and words == before.text.casefold().split():
        yield told("again", "says the same as the cue before it", len(words) / 8)


def _excess(cue: Cue, limits: ReadingLimits) -> float:
    """Return how much too fast a cue is, 1 where nobody reads half of it."""
    return (limits.needed_seconds(cue.text) / cue.duration - 1.0) / (HOPELESS - 1.0)
