#!/usr/bin/env python3
"""
Preflight: what must be there before the first stage starts, so that no night fails half-way.

Usage:
    from shared.pipeline.preflight import check_before_run

    check_before_run(job_dir, job, ["demux", "asr"], config, environments)
"""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.core.errors import InputError, UnavailableError
from shared.core.languages import primary
from shared.core.settings import PipelineConfig
from shared.doctor.machine import missing_programs
from shared.environment_manager import EnvironmentManager
from shared.models.needed import needed_models, provide_models
from shared.observability.fetching import shown_fetch
from shared.pipeline.fingerprint import stage_environment_name
from shared.pipeline.job import Job
from shared.translation.lines import is_romanised
from shared.translation.router import Router, named_by_user

MIB = 1 << 20
FREE_RESERVE = 64 * MIB
SPEECH_BYTES_PER_SECOND = 16_000 * 2
FULL_AUDIO_BYTES_PER_SECOND = 48_000 * 2 * 6


def check_before_run(
    job_dir: Path,
    job: Job,
    stages: list[str],
    config: PipelineConfig,
    environments: EnvironmentManager,
) -> None:
    """Check environments, ffmpeg, the film, free disk space and models; fetch missing models.

    Args:
        job_dir: The job directory.
        job: Its job.json.
        stages: The stages that will run.
        config: The configuration.
        environments: The environment manager.

    Raises:
        UnavailableError: An environment, ffmpeg, disk space or a model is missing, with the
            command.
        InputError: The film is not there any more, or there is no such model.
        DependencyError: The model hub fails.
    """
    if "translation" in stages:
        chosen = named_by_user(config, job.resolved)
        router = Router(config, environments)
        for target in job.target_languages:
            source = job.source_language
            if primary(target) != primary(source) or is_romanised(source, target):
                router.route(source, target, chosen)
    names = {stage_environment_name(stage, config, environments) for stage in stages}
    for name in sorted(names):
        environments.require(name)
    for program in missing_programs():
        raise UnavailableError(f"{program} is not installed", hint="./bootstrap.sh")
    media = Path(job.media.path)
    if not media.is_file():
        raise InputError(
            f"The film is not there any more: {media}",
            hint="Put it back, or prepare the job again with its new place",
        )
    needed = bytes_needed(job, stages)
    free = shutil.disk_usage(job_dir).free
    if free < needed:
        raise UnavailableError(
            f"Not enough disk space: {needed // MIB} MiB needed, {free // MIB} MiB free",
            hint=f"Free space on the disk that holds {job_dir}",
        )
    needs = needed_models(job, config, stages)
    with shown_fetch() as progress:
        provide_models(needs, progress)


def bytes_needed(job: Job, stages: list[str]) -> int:
    """Return a high estimate of what the stages will write.

    Args:
        job: The job.
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
