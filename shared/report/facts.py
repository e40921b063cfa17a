#!/usr/bin/env python3
"""
Facts: all that the page tells of a job, read once, from the job's files as they are now.

Usage:
    from shared.report.facts import read_facts

    facts = read_facts(job_dir)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import InputError
from shared.observability.look_at import describe_advice
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.events import EVENTS_FILE, Event, parse_event
from shared.pipeline.job.job import Job
from shared.pipeline.job.lock import LockState, lock_state
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.jobs.doubts.cues import Track, read_tracks
from shared.pipeline.jobs.doubts.doubt import Doubt
from shared.pipeline.jobs.doubts.queue import find_doubts
from shared.pipeline.jobs.doubts.sources import read_model, read_regions, read_transcript
from shared.pipeline.jobs.listing import JobSummary, show_job
from shared.pipeline.jobs.results import JobFile, results
from shared.pipeline.plan.missing import Missing, find_missing
from shared.stage_order import STAGE_ORDER, get_stage_dir
from shared.transcript.records.inputs import translated_file
from shared.transcript.records.schemas import SpeechRegion, Transcript, Translation
from shared.transcript.sound.sounds import SOUNDS_FILE, SoundEvent, SoundEvents

# Of a job's events, the latest: those of a hundred runs are not read to tell of the last.
MOST_EVENT_BYTES = 16 << 20
PROGRESS = b'"event": "progress"'


@dataclass(frozen=True)
class Facts:
    """What is known of a job.

    Attributes:
        job_dir: The job directory.
        summary: How it stands.
        job: What was prepared.
        records: The manifest of each finished or skipped stage.
        events: What its runs told, without progress, in order.
        transcript: What was heard; None before recognition.
        transcript_file: Its name in the job directory.
        regions: Where somebody speaks, in order.
        sounds: What else is to be heard, in order.
        translations: By language.
        tracks: The subtitles as they are now, by track.
        doubts: What to look at, the worst first.
        missing: What the results do not have.
        files: What the stages wrote.
        advice: What would be better.
    """

    job_dir: Path
    summary: JobSummary
    job: Job
    records: dict[str, Checkpoint]
    events: list[Event]
    transcript: Transcript | None
    transcript_file: str
    regions: list[SpeechRegion]
    sounds: list[SoundEvent]
    translations: dict[str, Translation]
    tracks: dict[str, Track]
    doubts: list[Doubt]
    missing: Missing
    files: list[JobFile]
    advice: list[str]

    @property
    def duration(self) -> float:
        """Length in seconds of what the job works on."""
        return self.job.duration

    @property
    def languages(self) -> list[str]:
        """The languages that there is text of, that which is spoken first."""
        spoken = self.transcript.language if self.transcript else self.job.source_language
        shown = [track.language for track in self.tracks.values()]
        return list(dict.fromkeys([spoken, *self.translations, *shown]))


def read_facts(job_dir: Path) -> Facts:
    """Return what is known of a job; nothing in it is changed.

    Args:
        job_dir: The job directory.

    Raises:
        InputError: There is no job, or its job.json cannot be used.
    """
    lock = lock_state(job_dir)
    # What a run leaves for a moment when it ends is no run.
    summary = show_job(job_dir, lock if lock.is_run else LockState())
    if summary.job is None:
        raise InputError(
            f"{job_dir} is no job that can be told of: {summary.problem}",
            hint="./run-pipeline.sh jobs list",
        )
    job = summary.job
    checkpoints = CheckpointManager(job_dir, job.job_id, only_looks=True)
    records = {stage: checkpoints.load_record(stage) for stage in STAGE_ORDER}
    place, transcript = read_transcript(job_dir)
    sounds = read_model(job_dir / get_stage_dir("lyrics_detection") / SOUNDS_FILE, SoundEvents)
    return Facts(
        job_dir=job_dir,
        summary=summary,
        job=job,
        records={stage: one for stage, one in records.items() if one is not None},
        events=list(_events(job_dir)),
        transcript=transcript,
        transcript_file=place,
        regions=read_regions(job_dir),
        sounds=sounds.events if sounds else [],
        translations=_translations(job_dir, job),
        tracks=read_tracks(job_dir, job),
        doubts=find_doubts(job_dir),
        missing=find_missing(job_dir),
        files=results(job_dir),
        advice=describe_advice(job_dir),
    )


def _translations(job_dir: Path, job: Job) -> dict[str, Translation]:
    folder = job_dir / get_stage_dir("translation")
    read = {
        language: read_model(folder / translated_file(language), Translation)
        for language in job.target_languages
    }
    return {language: one for language, one in read.items() if one is not None}


def _events(job_dir: Path) -> Iterator[Event]:
    """Yield the latest events of a job in order, without progress."""
    with suppress(OSError), (job_dir / EVENTS_FILE).open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - MOST_EVENT_BYTES))
        for line in stream:
            if PROGRESS not in line and (event := parse_event(line)) is not None:
                yield event
