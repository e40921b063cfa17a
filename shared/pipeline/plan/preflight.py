#!/usr/bin/env python3
"""
Preflight: what must be there before the first stage starts, so that no night fails half-way.

Usage:
    from shared.pipeline.plan.preflight import check_before_run

    check_before_run(job_dir, job, ["demux", "asr"], config, environments)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.config import load_secret
from shared.core.configuration.place import secrets_file
from shared.core.errors import InputError, UnavailableError
from shared.core.languages import primary
from shared.core.settings import PipelineConfig
from shared.environment_manager import DETECTOR, EnvironmentManager
from shared.glossary.files import glossary_files
from shared.glossary.table import read_table
from shared.media.intake.encryption import refuse_encrypted
from shared.media.intake.growing import refuse_growing
from shared.media.intake.sample import POINTS, is_undecodable, undecodable_points
from shared.media.probe import MediaInfo, probe_media
from shared.media.programs import missing_programs
from shared.models.shown import shown_fetch
from shared.pipeline.job.fingerprint import stage_environment_name
from shared.pipeline.job.job import Job, output_root
from shared.pipeline.plan.edited_subtitles import check_edited_subtitles
from shared.pipeline.plan.edits_without_effect import edits_without_effect
from shared.pipeline.plan.finished_film import foresee_film
from shared.pipeline.plan.needed import needed_models, provide_models
from shared.pipeline.plan.space import MIB, require_space
from shared.translation.lines import is_romanised
from shared.translation.router import Router, named_by_user

LLM_KEY = "LLM_API_KEY"
FREE_RESERVE = 64 * MIB
SPEECH_BYTES_PER_SECOND = 16_000 * 2
FULL_AUDIO_BYTES_PER_SECOND = 48_000 * 2 * 6
READ_THE_FILM = frozenset({"demux", "subtitle_generation", "mux"})


def check_before_run(
    job_dir: Path,
    job: Job,
    stages: list[str],
    config: PipelineConfig,
    environments: EnvironmentManager,
    cached: Sequence[str] = (),
    elsewhere: Sequence[str] = (),
) -> list[str]:
    """Check glossary, environments, keys, ffmpeg, film, free space and models; fetch models.

    Args:
        job_dir: The job directory.
        job: Its job.json.
        stages: The stages that will run.
        config: The configuration.
        environments: The environment manager.
        cached: Stages whose results come from the cache: they want disk space only.
        elsewhere: Stages that run on other machines: who gives them there looks for what they want.

    Returns:
        What is not as it should be, but no reason to stop.

    Raises:
        UnavailableError: An environment, ffmpeg, disk space or a model is missing, with the
            command.
        InputError: The film is gone or unreadable, a glossary has a fault, a key is missing, or
            there is no such model.
        DependencyError: The model hub fails.
    """
    here = [stage for stage in stages if stage not in elsewhere]
    if "translation" in here:
        _check_translation(job, config, environments)
    if "glossary_load" in stages and config.glossary_enabled:
        for path, origin in glossary_files(config, job.titled):
            read_table(path, origin, None if config.glossary_strict else [])
    names = {stage_environment_name(stage, config, environments) for stage in here}
    if "export_transcript" in here and job.text is not None and job.has_film:
        names |= {DETECTOR} if config.subtitles_sync else set()
    for name in sorted(names):
        environments.require(name)
    for program in missing_programs():
        raise UnavailableError(f"{program} is not installed", hint="./bootstrap.sh")
    check_edited_subtitles(job_dir, job, stages)
    warnings = edits_without_effect(job_dir) + _check_film(job, stages, config)
    require_space(job_dir, output_root(config), bytes_needed(job, [*stages, *cached]))
    needs = needed_models(job, config, here)
    with shown_fetch() as progress:
        warnings += provide_models(needs, progress)
    return warnings


def _check_translation(job: Job, config: PipelineConfig, environments: EnvironmentManager) -> None:
    """Find an engine for every language, and the key that its service wants."""
    chosen = named_by_user(config, job.resolved)
    has_sound = job.media.audio_stream is not None
    router = Router(config, environments, may_fetch=True, has_sound=has_sound)
    for target in job.target_languages:
        source = job.source_language
        if primary(target) == primary(source) and not is_romanised(source, target):
            continue
        first = router.route(job.source_language, target, chosen)[0]
        hosted = {"anthropic": True, "local": False}
        own_service = hosted.get(config.llm_provider, not config.llm_base_url)
        if first.engine == "llm" and own_service and load_secret(LLM_KEY) is None:
            raise InputError(
                f"{LLM_KEY} is missing: the service of the language model wants it",
                hint=f"Put it into {secrets_file()} (chmod 600), as in config/secrets.example.json",
            )


def _check_film(job: Job, stages: list[str], config: PipelineConfig) -> list[str]:
    """Refuse a film that is gone or of which nothing can come; tell what will not be well."""
    media = Path(job.media.path)
    if not job.has_film:
        return []
    if not media.is_file():
        if READ_THE_FILM.isdisjoint(stages):
            return []
        raise InputError(
            f"The film is not there any more: {media}",
            hint="Put it back, or write its new place into job.json (media, path)",
        )
    if not {"demux", "mux"} & set(stages):
        return []
    refuse_growing(media)
    found, told = probe_media(media), []
    if "demux" in stages:
        if job.media.channel_choice:
            told.append(f"AUDIO_CHANNELS={config.audio_channels}: {job.media.channel_choice}")
        told += _check_tracks(media, job, found)
        told += _check_sound(media, job, found) if job.media.audio_stream else []
    if "mux" in stages:
        told += foresee_film(job, config, media, found)
    return told


def _check_sound(film: Path, job: Job, media: MediaInfo) -> list[str]:
    """Refuse sound that is encrypted or cannot be decoded at all; warn of points that cannot."""
    refuse_encrypted(film, media.container)
    start, end = (job.clip.start, job.clip.end) if job.clip else (0.0, media.duration)
    wanted, ahead = job.media.sound.index, media.look_ahead
    beside = media.clock_streams(wanted)
    points = undecodable_points(film, wanted, start, end, beside, ahead)
    if len(points) == len(POINTS):
        if is_undecodable(film, wanted, media.duration, ahead):
            raise InputError(
                f"The sound of {film.name} cannot be decoded anywhere",
                hint="Copy or download it again, or choose another track with --audio-track",
            )
        return []
    return [f"No sound can be decoded at {point:.0f} s" for point in points]


def _check_tracks(film: Path, job: Job, media: MediaInfo) -> list[str]:
    """Refuse another film in the place of the job's whose tracks or length do not fit; warn."""
    prepare = "Put the film back, or prepare a new job for this one"
    wanted = job.media.audio_stream.index if job.media.audio_stream else None
    if wanted is not None and wanted not in {stream.index for stream in media.audio_streams}:
        raise InputError(
            f"{film.name} is another film than the job was prepared for: "
            f"its track {wanted} is no sound",
            hint=prepare,
        )
    if job.clip is not None and job.clip.start >= media.duration:
        raise InputError(
            f"{film.name} is another film than the job was prepared for: it ends at "
            f"{media.duration:.1f} s, and the job begins at {job.clip.start:.1f} s",
            hint=prepare,
        )
    if media.size == job.media.size:
        return []
    return [
        f"{film.name} changed since the job was prepared: {job.media.size} bytes and "
        f"{job.media.duration:.1f} s then, {media.size} bytes and {media.duration:.1f} s now"
    ]


def bytes_needed(job: Job, stages: list[str]) -> int:
    """Return a high estimate of what the stages will write.

    Args:
        job: Its length and its target languages decide.
        stages: The stages that will run.
    """
    needed = FREE_RESERVE
    if "demux" in stages:
        needed += int(job.duration * SPEECH_BYTES_PER_SECOND)
    if "source_separation" in stages:
        needed += int(job.duration * (SPEECH_BYTES_PER_SECOND + FULL_AUDIO_BYTES_PER_SECOND))
    if "mux" in stages:
        needed += job.media.size
    return needed
