#!/usr/bin/env python3
"""
Queue: the doubts of a job, the worst first.

Judged by the job's files as they are now, edited or not. What is said of one cue is one doubt.

Usage:
    from shared.pipeline.jobs.doubts.queue import find_doubts

    for doubt in find_doubts(job_dir)[:10]: ...
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from shared.config import load_config
from shared.pipeline.job.job import load_job
from shared.pipeline.jobs.doubts.cues import Track, doubted_cues, read_tracks
from shared.pipeline.jobs.doubts.doubt import Doubt, Found, Kind
from shared.pipeline.jobs.doubts.speech import doubted_speech
from shared.pipeline.jobs.doubts.translations import doubted_translations
from shared.subtitles.base.cue import SourceCue

# What was said and is in no cue is not the doubt of a cue that lies near.
OF_NO_CUE: frozenset[Kind] = frozenset({"kept apart", "no text"})


def find_doubts(job_dir: Path) -> list[Doubt]:
    """Return what to look at in a job, the worst first.

    Args:
        job_dir: The job directory; nothing in it is changed.
    """
    job = load_job(job_dir)
    tracks = read_tracks(job_dir, job)
    found = [
        *doubted_cues(tracks, load_config(job_dir), job),
        *doubted_speech(job_dir, tracks),
        *doubted_translations(job_dir, job.target_languages),
    ]
    doubts = _put_together(found, tracks)
    return sorted(doubts, key=lambda one: (-one.weight, one.start, one.track))


def _put_together(found: Iterable[Found], tracks: dict[str, Track]) -> list[Doubt]:
    """Return one doubt for each cue, and for each text that is in none."""
    grouped: dict[tuple[str, float, float], list[Found]] = defaultdict(list)
    for one in found:
        cue = None if one.told.kind in OF_NO_CUE else _cue_of(one, tracks)
        start, end = (cue.start, cue.end) if cue else (one.start, one.end)
        grouped[one.track, start, end].append(cue or one)
    doubts = []
    for (track, start, end), reasons in grouped.items():
        reasons.sort(key=lambda one: -one.told.weight)
        told = tuple(dict.fromkeys(one.told for one in reasons))
        shown = next((one for one in reasons if one.line is not None), reasons[0])
        doubts.append(Doubt(start, end, track, shown.text, told, shown.file, shown.line))
    return doubts


def _cue_of(one: Found, tracks: dict[str, Track]) -> Found | None:
    """Return a reason at the cue that shows most of its text, None where no cue does."""
    track = tracks.get(one.track)
    if one.line is not None or track is None:
        return None
    first = bisect_left(track.starts, one.start)
    last = bisect_left(track.starts, one.end)
    near = track.cues[max(0, first - 1) : last]

    def shared(cue: SourceCue) -> float:
        return min(cue.end, one.end) - max(cue.start, one.start)

    best = max(near, key=shared, default=None)
    if best is None or shared(best) <= 0.0:
        return None
    return Found(best.start, best.end, one.track, best.text, one.told, track.file, best.line)
