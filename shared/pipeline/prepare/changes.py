#!/usr/bin/env python3
"""
Changes: what options on a prepared job change in it, checked as when a job is prepared.

Usage:
    from shared.pipeline.prepare.changes import changes_of

    changes_of(job_dir, load_job(job_dir), arguments)     # {"target_languages": ["en", "ta"]}
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.config import load_config
from shared.core.languages import AUTO
from shared.pipeline.job.job import Job
from shared.pipeline.prepare.choices import first_engine
from shared.pipeline.prepare.prepare import check_request, listened
from shared.pipeline.prepare.request import (
    Request,
    check_names,
    spoken,
    wanted_targets,
)

ENGINE, CHANNELS = "TRANSLATION_ENGINE", "AUDIO_CHANNELS"
# Options for which the film is looked at again.
OF_THE_FILM = ("source_language", "start", "end", "audio_track")


def changes_of(job_dir: Path, job: Job, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the options of a command line change in a prepared job.

    Args:
        job_dir: The job directory.
        job: As it was prepared.
        arguments: What add_job_options parsed; what is None stays as it is.

    Returns:
        Name of a field to its new value, as job.json holds it; empty where nothing changes.

    Raises:
        InputError: A language, a track, a title or a time is not valid, or the film that has to be
            looked at again is not there.
        UnavailableError: No engine here for a language.
    """
    request = _request(job, arguments)
    check_names(request)
    wanted = _translated(job_dir, job, request) if arguments.target_languages is not None else {}
    if request.title is not None and request.title != job.title:
        wanted["title"] = request.title.strip()
    if request.year != job.year:
        wanted["year"] = request.year
    if any(getattr(arguments, name) is not None for name in OF_THE_FILM):
        wanted |= _heard(job, request)
    before = job.model_dump(mode="json")
    return {name: value for name, value in wanted.items() if value != before[name]}


def text_of(job: Job) -> str | None:
    """Return what --subtitles would say of a job's text; None where it has none.

    Args:
        job: As it was prepared.
    """
    if job.text is None:
        return None
    return f"track:{job.text.track}" if job.text.track else job.text.path


def told_changes(job: Job, changes: Mapping[str, Any]) -> list[str]:
    """Return what changes in a job, in lines for a person.

    Args:
        job: As it was prepared.
        changes: What changes_of returned.
    """
    before = job.model_dump(mode="json")
    named = {"media": "the audio track", "film": "", "config": "", "resolved": ""}
    lines = []
    for name, value in changes.items():
        label = named.get(name, name.replace("_", " "))
        if name == "media":
            was, now = ((one["audio_stream"] or {}).get("index") for one in (before[name], value))
            lines += [f"{label}: stream {was} -> {now}"] if was != now else []
        elif label:
            lines.append(f"{label}: {_words(before[name])} -> {_words(value)}")
    return lines


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, dict):  # a clip
        return f"{value['start']:.3f} s to {value['end']:.3f} s"
    return "none" if value is None else str(value)


def _request(job: Job, arguments: argparse.Namespace) -> Request:
    """Return what a job would be prepared from with these options."""
    given = arguments
    start, end = given.start, given.end
    if job.clip is not None and (start or end):
        start, end = start or str(job.clip.start), end or str(job.clip.end)
    targets = tuple(given.target_languages or job.target_languages)
    return Request(
        media=Path(job.media.path),
        workflow=job.workflow,
        source=job.source_language if given.source_language is None else given.source_language,
        targets=targets,
        title=job.title if given.title is None else given.title,
        year=job.year if given.year is None else given.year,
        start=start,
        end=end,
        audio_track=job.audio_track if given.audio_track is None else given.audio_track,
        subtitles=text_of(job),
        settings={key: str(job.config[key]) for key in job.given if key in job.config},
    )


def _translated(job_dir: Path, job: Job, request: Request) -> dict[str, Any]:
    """Return the job's fields for other languages; the film need not be there for that."""
    targets = wanted_targets(request.targets, job.workflow)
    wanted: dict[str, Any] = {"target_languages": targets}
    overrides = {ENGINE: AUTO} if ENGINE in job.resolved else {}
    engine = first_engine(load_config(job_dir, overrides), spoken(request.source), targets)
    return wanted | (_chosen(job, {ENGINE: engine}) if overrides else {})


def _heard(job: Job, request: Request) -> dict[str, Any]:
    """Return the job's fields for another track, part or spoken language."""
    draft = check_request(request)
    new = listened(draft)
    fields = ("media", "film", "source_language", "clip", "audio_track")
    dumped = new.model_dump(mode="json")
    wanted = {name: dumped[name] for name in fields}
    if request.start is None and request.end is None:
        del wanted["clip"]
    chosen = {key: new.resolved[key] for key in (ENGINE, CHANNELS) if key in new.resolved}
    return wanted | _chosen(job, chosen, without=(CHANNELS,))


def _chosen(job: Job, values: Mapping[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields that hold what 'auto' became, with other values; none is a person's."""
    before = {key: value for key, value in job.resolved.items() if key not in without}
    config = {key: v for key, v in job.config.items() if key not in job.resolved or key in before}
    return {"config": config | dict(values), "resolved": before | dict(values)}
