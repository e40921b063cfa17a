#!/usr/bin/env python3
"""
Prepare: from a film and what is wanted of it to a job directory.

Everything is checked before the directory is made: nothing half-made is left behind.

Usage:
    from shared.pipeline.prepare.prepare import Request, prepare_job

    job_dir = prepare_job(Request(media=Path("film.mkv"), workflow="subtitle", source="hi"))
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, field
from pathlib import Path

from shared.config import load_config, seal_powers
from shared.core.errors import InputError
from shared.core.languages import AUTO
from shared.core.settings import PipelineConfig
from shared.media.clip import ClipRange
from shared.media.intake.encryption import refuse_encrypted
from shared.media.intake.growing import refuse_growing
from shared.media.probe import MediaInfo, probe_media
from shared.media.timecode import parse_time, snap_to_frame
from shared.media.title import parse_title
from shared.media.tracks.channels import ChannelChoice
from shared.media.tracks.choice import choose_audio_stream, describe_audio
from shared.media.tracks.text import spoken_text_track
from shared.pipeline.job.job import (
    Job,
    MediaReference,
    SeenFilm,
    TextSource,
    output_root,
)
from shared.pipeline.plan.selection import check_workflow
from shared.pipeline.prepare.choices import (
    first_engine,
    refuse_unknown_models,
    resolve_auto,
)
from shared.pipeline.prepare.dialogue import Dialogue, choose_dialogue
from shared.pipeline.prepare.new_job import create_job
from shared.pipeline.prepare.request import (
    Request,
    check_names,
    spoken,
    wanted_targets,
)
from shared.pipeline.prepare.text_source import (
    check_sync,
    film_of_text,
    find_text,
    is_text,
)
from shared.subtitles.files.names import parse_name

# What 'auto' becomes for stages that text makes needless.
OF_RECOGNITION = frozenset({"WHISPER_MODEL", "ASR_ENGINE", "BATCH_SIZE"})
UNHEARD = (
    "Nothing here finds speech, so the sound is chosen by what the file says of it; to have it "
    "listened to: ./bootstrap.sh --env pyannote, then prepare the film again"
)


@dataclass(frozen=True)
class Prepared:
    """A job directory, what the user should know about it, and settings that it could not keep."""

    job_dir: Path
    job: Job
    notes: list[str]
    unsealed: list[str]


@dataclass(frozen=True)
class Draft:
    """A checked request: the job that it makes, but for what is chosen by listening to the film.

    Attributes:
        request: What is asked for.
        config: The configuration with its settings.
        media: What the film holds.
        job: The job; its track is the one that the file alone suggests.
        told: What a person should know of the text that is there.
    """

    request: Request
    config: PipelineConfig
    media: MediaInfo
    job: Job
    told: list[str] = field(default_factory=list)


def check_request(request: Request) -> Draft:
    """Check a request as far as it can be without listening; nothing is made.

    Args:
        request: What is asked for.

    Returns:
        The job that it makes.

    Raises:
        InputError: The film, a language or a setting is not valid.
        UnavailableError: A device is not there, or no engine for a language.
    """
    workflow = check_workflow(request.workflow)
    check_names(request)
    targets = wanted_targets(request.targets, workflow)
    config = load_config(overrides=request.settings)
    path = Path(os.path.abspath(request.media.expanduser()))
    media = _media(request, path)
    text, source, told = _said(request, path, media)
    check_sync(request.settings, config, text is not None and not is_text(path))
    clip = clip_range(request, media)
    stream, why = None, ""
    if media.audio_streams or text is None:
        stream, why = choose_audio_stream(media, source, request.audio_track, path.name)
    values, resolved = resolve_auto(config, request.settings)
    engine = first_engine(config, source, targets, has_sound=stream is not None)
    if config.translation_engine == AUTO:
        values["TRANSLATION_ENGINE"] = resolved["TRANSLATION_ENGINE"] = engine
    title, year = _title_and_year(request, path)
    file_name = parse_name(path.name).title if is_text(path) else path.stem
    unheard = Dialogue(stream, why, ChannelChoice(config.audio_channels), [])
    job = Job(
        job_id="",
        created_at="",
        user=request.user or user_name(),
        workflow=workflow,
        media=_reference(path, media, unheard),
        film=SeenFilm.of(path),
        title=title,
        year=year,
        file_name=file_name,
        text=text,
        source_language=source,
        target_languages=targets,
        clip=clip,
        audio_track=request.audio_track,
        config=values,
        resolved=resolved,
        given=sorted(request.settings),
    )
    return Draft(request, config, media, job, told)


def listened(draft: Draft) -> Job:
    """Return the job of a draft with its track and channels chosen, and its models' names checked.

    Args:
        draft: What check_request returned.

    Raises:
        InputError: There is no such channel, or no model of a name that it needs.
    """
    job, path = draft.job.model_copy(deep=True), Path(draft.job.media.path)
    if job.text is not None:  # nothing is recognised
        refuse_unknown_models(job)
        return job
    asked = draft.request.audio_track
    heard = choose_dialogue(path, draft.media, draft.config, job.source_language, asked, job.clip)
    job.media = _reference(path, draft.media, heard)
    job.media.text_track = spoken_text_track(draft.media, job.source_language)
    if heard.channels.channels != draft.config.audio_channels:
        job.config["AUDIO_CHANNELS"] = job.resolved["AUDIO_CHANNELS"] = heard.channels.channels
    refuse_unknown_models(job)
    return job


def prepare_job(request: Request) -> Prepared:
    """Check a request and create its job: a new one, whatever others there are.

    Args:
        request: What is asked for.

    Returns:
        The job directory with notes on choices that were made.

    Raises:
        InputError: The film, a language or a setting is not valid.
        UnavailableError: A device is not there, or the output folder cannot be written.
    """
    draft = check_request(request)
    return create(draft, listened(draft))


def create(draft: Draft, job: Job) -> Prepared:
    """Create a job that was listened for.

    Args:
        draft: What was asked for.
        job: What listened() returned of it.

    Raises:
        UnavailableError: The output folder cannot be written.
    """
    job.sealed, unsealed = seal_powers(draft.request.settings)
    job_dir = create_job(job, output_root(draft.config), draft.config.job_readers)
    notes = draft.told + _notes(job, draft.media) + list(map(_unsealed_note, unsealed))
    return Prepared(job_dir, job, notes, unsealed)


def _media(request: Request, path: Path) -> MediaInfo:
    """Return what the film holds; text alone is as long as it is shown."""
    if is_text(path):
        for option, value in (
            ("--subtitles", request.subtitles),
            ("--audio-track", request.audio_track),
        ):
            if value is not None:
                raise InputError(
                    f"{option} is of a film, and {path.name} is text", hint="Leave it out"
                )
        return film_of_text(path, request.source)
    media = probe_media(path)
    refuse_growing(path)
    refuse_encrypted(path, media.container)
    return media


def _said(
    request: Request, path: Path, media: MediaInfo
) -> tuple[TextSource | None, str, list[str]]:
    """Return the text that is there already, the language that is spoken, and what to tell."""
    wanted = str(path) if is_text(path) else request.subtitles
    if wanted is None:
        return None, spoken(request.source), []
    return find_text(wanted, path, media, request.source)


def _reference(path: Path, media: MediaInfo, dialogue: Dialogue) -> MediaReference:
    """Return what a job holds of its film, and of the sound that is heard."""
    return MediaReference(
        path=str(path),
        size=media.size,
        duration=media.duration,
        frame_rate=media.frame_rate,
        audio_stream=dialogue.stream,
        audio_choice=dialogue.why,
        channel_choice=dialogue.channels.reason or (UNHEARD if dialogue.unheard else ""),
        heard=dialogue.tried,
        look_ahead=media.look_ahead,
    )


def user_name() -> str:
    """Return who runs this: the login name, or the number of a user that has none."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # as each version of Python says it
        return f"uid-{os.getuid()}"


def _title_and_year(request: Request, path: Path) -> tuple[str, int | None]:
    if request.title is not None:
        return request.title.strip(), request.year
    name = parse_name(path.name).title + ".srt" if is_text(path) else path.name
    title, year = parse_title(name)
    return title, request.year or year


def clip_range(request: Request, media: MediaInfo) -> ClipRange | None:
    """Return the part of a film that is wanted, from frame to frame; None: the whole.

    Args:
        request: Its start and end, as typed.
        media: The film.

    Raises:
        InputError: A time is not valid, or nothing lies between them.
    """
    if request.start is None and request.end is None:
        return None
    start = parse_time(request.start, "--start") if request.start is not None else 0.0
    end = parse_time(request.end, "--end") if request.end is not None else media.duration
    start = snap_to_frame(start, media.frame_rate)
    end = min(snap_to_frame(end, media.frame_rate), media.duration)
    if start >= end:
        given = (("--start", request.start), ("--end", request.end))
        typed = " ".join(f"{option} {text}" for option, text in given if text is not None)
        raise InputError(
            f"{typed}: the clip from {start:.3f} s to {end:.3f} s is empty",
            hint=f"The film is {media.duration:.3f} s long; --start comes before --end",
        )
    return ClipRange(start=start, end=end)


def _unsealed_note(key: str) -> str:
    return f"{key} holds for this command only: there is no home folder to keep a seal's key in"


def _notes(job: Job, media: MediaInfo) -> list[str]:
    streams = media.audio_streams
    notes = []
    if len(streams) > 1 and job.text is None:
        listed = describe_audio(streams)
        number = [stream.index for stream in streams].index(job.media.sound.index) + 1
        notes.append(f"Audio track {number} of {len(streams)} ({job.media.audio_choice}): {listed}")
    for key, value in job.resolved.items():
        if job.text is not None and key in OF_RECOGNITION:
            continue
        why = f": {job.media.channel_choice}" if key == "AUDIO_CHANNELS" else ""
        notes.append(f"{key}={value} (auto){why}")
    if job.media.channel_choice and "AUDIO_CHANNELS" not in job.resolved:
        notes.append(job.media.channel_choice)
    return notes
