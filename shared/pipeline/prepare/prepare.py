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
from typing import Any

from shared.config import load_config, seal_powers
from shared.core.errors import InputError
from shared.core.file_names import safe_file_name
from shared.core.languages import AUTO, language_name, parse_language, primary
from shared.core.redact import secrets_in_addresses
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import detect_device, detect_hardware, recommend
from shared.media.clip import ClipRange
from shared.media.intake.encryption import refuse_encrypted
from shared.media.intake.growing import refuse_growing
from shared.media.probe import MediaInfo, probe_media
from shared.media.timecode import parse_time, snap_to_frame
from shared.media.title import parse_title
from shared.media.tracks.choice import describe_audio
from shared.pipeline.job.job import (
    FIRST_YEAR,
    LAST_YEAR,
    Job,
    MediaReference,
    output_root,
)
from shared.pipeline.plan.selection import check_workflow
from shared.pipeline.prepare.asr_engine import (
    default_asr_engine,
    default_batch_size,
    recognition_device,
)
from shared.pipeline.prepare.dialogue import Dialogue, choose_dialogue
from shared.pipeline.prepare.new_job import create_job
from shared.stage_order import get_workflow_stages
from shared.transcript.languages.whisper_languages import whisper_code

UNHEARD = (
    "Nothing here finds speech, so the sound is chosen by what the file says of it; to have it "
    "listened to: ./bootstrap.sh --env pyannote, then prepare the film again"
)


@dataclass(frozen=True)
class Request:
    """What a user asks for, as typed."""

    media: Path
    workflow: str
    source: str = AUTO
    targets: tuple[str, ...] = ()
    user: str | None = None
    title: str | None = None
    year: int | None = None
    start: str | None = None
    end: str | None = None
    audio_track: int | None = None
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A job directory, what the user should know about it, and settings that it could not keep."""

    job_dir: Path
    job: Job
    notes: list[str]
    unsealed: list[str]


def prepare_job(request: Request) -> Prepared:
    """Check a request and create its job.

    Args:
        request: What is asked for.

    Returns:
        The job directory with notes on choices that were made.

    Raises:
        InputError: The film, a language or a setting is not valid.
        UnavailableError: A device is not there, or the output folder cannot be written.
    """
    workflow = check_workflow(request.workflow)
    _refuse_unwritable(request)
    source = AUTO if request.source.lower() == AUTO else parse_language(request.source, "-s")
    if source != AUTO and whisper_code(source) is None:
        raise InputError(
            f"Whisper does not know {language_name(source)} ({source})",
            hint="Use -s auto, or the language that is spoken most",
        )
    targets = _parse_targets(request.targets, workflow)
    config = load_config(overrides=request.settings)
    path = Path(os.path.abspath(request.media.expanduser()))
    media = probe_media(path)
    refuse_growing(path)
    refuse_encrypted(path, media.container)
    clip = _clip_range(request, media)
    dialogue = choose_dialogue(path, media, config, source, request.audio_track, clip)
    values, resolved = _resolve_auto(config, request.settings)
    if dialogue.channels.channels != config.audio_channels:
        values["AUDIO_CHANNELS"] = resolved["AUDIO_CHANNELS"] = dialogue.channels.channels
    engine = _refuse_untranslatable(config, source, targets)
    if config.translation_engine == AUTO:
        values["TRANSLATION_ENGINE"] = resolved["TRANSLATION_ENGINE"] = engine
    title, year = _title_and_year(request, path)
    sealed, unsealed = seal_powers(request.settings)
    job = Job(
        job_id="",
        created_at="",
        user=request.user or user_name(),
        workflow=workflow,
        media=_reference(path, media, dialogue),
        title=title,
        year=year,
        file_name=path.stem,
        source_language=source,
        target_languages=targets,
        clip=clip,
        config=values,
        resolved=resolved,
        given=sorted(request.settings),
        sealed=sealed,
    )
    _refuse_unknown_models(job)
    job_dir = create_job(job, output_root(config), config.job_readers)
    notes = _notes(job, media) + list(map(_unsealed_note, unsealed))
    if dialogue.unheard:
        notes.append(UNHEARD)
    return Prepared(job_dir, job, notes, unsealed)


def _reference(path: Path, media: MediaInfo, dialogue: Dialogue) -> MediaReference:
    """Return what a job holds of its film, and of the sound that is heard."""
    return MediaReference(
        path=str(path),
        size=media.size,
        duration=media.duration,
        frame_rate=media.frame_rate,
        audio_stream=dialogue.stream,
        audio_choice=dialogue.why,
        channel_choice=dialogue.channels.reason,
        heard=dialogue.tried,
        look_ahead=media.look_ahead,
    )


def user_name() -> str:
    """Return who runs this: the login name, or the number of a user that has none."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # as each version of Python says it
        return f"uid-{os.getuid()}"


def _refuse_unwritable(request: Request) -> None:
    """Refuse what cannot be kept: names that are no UTF-8 text or no folder, years before films."""
    named = [str(request.media), request.title or "", request.user or ""]
    for text in [*named, *request.settings.values()]:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(
                f"{text} is not a UTF-8 name", hint="Rename the file, or make a link to it"
            ) from error
    for key, value in request.settings.items():
        if secrets_in_addresses(value):  # it would stand in job.json, and in the list of processes
            raise InputError(
                f"--set {key} holds a password or token in an address",
                hint=f"Write {key}=… into config/.env.local (chmod 600), which no job copies",
            )
    if request.user is not None and request.user != safe_file_name(request.user):
        raise InputError(
            f"--user {request.user!r} cannot name a folder",
            hint="Leave it out, or use letters and digits, such as: --user me",
        )
    if request.year is not None and not FIRST_YEAR <= request.year <= LAST_YEAR:
        raise InputError(
            f"--year {request.year} is not the year of a film",
            hint=f"Give a year from {FIRST_YEAR} to {LAST_YEAR}",
        )


def _parse_targets(targets: tuple[str, ...], workflow: str) -> list[str]:
    names = [name for item in targets for name in item.split(",") if name.strip()]
    parsed = list(dict.fromkeys(parse_language(name, "-t") for name in names))
    if workflow == "translate" and not parsed:
        raise InputError("The workflow translate needs a target language", hint="Add: -t en")
    return parsed


def _resolve_auto(
    config: PipelineConfig, settings: dict[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the job's configuration values and those of them that 'auto' became."""
    hardware = detect_hardware()
    device = detect_device(config.device, hardware)
    engine: str = config.asr_engine
    if engine == AUTO:
        engine = default_asr_engine(device, EnvironmentManager())
    recommended = recommend(hardware, recognition_device(engine, device))
    choices = {
        "DEVICE": device,
        "WHISPER_MODEL": recommended.whisper_model,
        "COMPUTE_TYPE": recommended.compute_type,
        "ASR_ENGINE": engine,
        "BATCH_SIZE": default_batch_size(engine, device, recommended.batch_size),
    }
    current = config.model_dump(mode="json")
    resolved = {k: value for k, value in choices.items() if current[k.lower()] in (AUTO, 0)}
    return {**settings, **resolved}, resolved


def _refuse_unknown_models(job: Job) -> None:
    """Refuse a model's name now that no stage could load in the night."""
    # As below: a run that prepares nothing need not wait for it.
    from shared.models.store import check_name
    from shared.pipeline.plan.needed import needed_models

    config = load_config(overrides=job.config)
    for need in needed_models(job, config, get_workflow_stages(job.workflow)):
        try:
            check_name(need.engine, need.name)
        except InputError as error:
            raise InputError(f"{error.cause}: {need.why}", hint=error.hint) from error


def _refuse_untranslatable(config: PipelineConfig, source: str, targets: list[str]) -> str:
    """Return the engine of the first target; refuse now what none could do in the night."""
    # A run that prepares nothing, and has nothing to do, need not wait for it.
    from shared.translation.router import DEFAULT_ENGINE, Router, named_by_user

    router = Router(config, EnvironmentManager(), may_fetch=True)
    chains = [
        router.route(source, target, chosen=named_by_user(config))
        for target in targets
        if primary(target) != primary(source)
    ]
    return chains[0][0].engine if chains else DEFAULT_ENGINE


def _title_and_year(request: Request, path: Path) -> tuple[str, int | None]:
    if request.title is not None:
        if not request.title.strip():
            raise InputError("--title is empty", hint="Leave it out to take it from the file name")
        return request.title.strip(), request.year
    title, year = parse_title(path.name)
    return title, request.year or year


def _clip_range(request: Request, media: MediaInfo) -> ClipRange | None:
    if request.start is None and request.end is None:
        return None
    start = parse_time(request.start, "--start") if request.start is not None else 0.0
    end = parse_time(request.end, "--end") if request.end is not None else media.duration
    start = snap_to_frame(start, media.frame_rate)
    end = min(snap_to_frame(end, media.frame_rate), media.duration)
    if start >= end:
        raise InputError(
            f"The clip from {start:.3f} s to {end:.3f} s is empty",
            hint=f"The film is {media.duration:.3f} s long; --start comes before --end",
        )
    return ClipRange(start=start, end=end)


def _unsealed_note(key: str) -> str:
    return f"{key} holds for this command only: there is no home folder to keep a seal's key in"


def _notes(job: Job, media: MediaInfo) -> list[str]:
    streams = media.audio_streams
    notes = []
    if len(streams) > 1:
        listed = describe_audio(streams)
        number = [stream.index for stream in streams].index(job.media.audio_stream.index) + 1
        notes.append(f"Audio track {number} of {len(streams)} ({job.media.audio_choice}): {listed}")
    for key, value in job.resolved.items():
        why = f": {job.media.channel_choice}" if key == "AUDIO_CHANNELS" else ""
        notes.append(f"{key}={value} (auto){why}")
    return notes
