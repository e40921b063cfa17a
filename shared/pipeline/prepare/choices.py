#!/usr/bin/env python3
"""
Choices: what 'auto' becomes when a job is prepared, and whether engines and models fit it.

Usage:
    from shared.pipeline.prepare.choices import first_engine, resolve_auto

    values, resolved = resolve_auto(config, {"WHISPER_MODEL": "base"})
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.config import hub_is_offline, load_config
from shared.core.errors import InputError
from shared.core.ladder import CPU
from shared.core.languages import AUTO, primary
from shared.core.machine.tuning import read_tuning, tuning_key
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import (
    CACHE_FILE,
    detect_device,
    detect_hardware,
    device_memory,
    recommend,
)
from shared.models.catalogue import describe
from shared.pipeline.job.job import Job
from shared.pipeline.prepare.asr_engine import (
    default_asr_engine,
    default_batch_size,
    recognition_device,
    usual_batch_size,
)


def resolve_auto(
    config: PipelineConfig, settings: dict[str, str], cache_file: Path = CACHE_FILE
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the job's configuration values and those of them that 'auto' became.

    Args:
        config: The configuration with the settings.
        settings: What `--set` gave.
        cache_file: What is known of this machine, and was measured on it.

    Returns:
        All values by key, and those that were chosen here.

    Raises:
        UnavailableError: A device that was asked for is not there.
    """
    hardware = detect_hardware(cache_file)
    device = detect_device(config.device, hardware)
    engine: str = config.asr_engine
    if engine == AUTO:
        engine = default_asr_engine(device, EnvironmentManager())
    place = recognition_device(engine, device)
    recommended = recommend(hardware, place)
    current = config.model_dump(mode="json")
    model = _or(current["whisper_model"], recommended.whisper_model)
    compute_type = _or(current["compute_type"], recommended.compute_type)
    tuning = read_tuning(cache_file, tuning_key(model, place, compute_type))
    suitable = tuning.batch_size if tuning else usual_batch_size(place, recommended.batch_size)
    free_mb = None if place == CPU else device_memory(device, hardware).free_mb
    choices: dict[str, Any] = {
        "DEVICE": device,
        "WHISPER_MODEL": model,
        "COMPUTE_TYPE": compute_type,
        "ASR_ENGINE": engine,
        "BATCH_SIZE": default_batch_size(engine, device, suitable, free_mb, _weight(model)),
    }
    resolved = {k: value for k, value in choices.items() if current[k.lower()] in (AUTO, 0)}
    return {**settings, **resolved}, resolved


def _weight(model: str) -> int:
    """Return what a Whisper model weighs, MB; 0 where the catalogue does not tell."""
    with suppress(InputError):  # a folder; a name that is none is refused elsewhere
        return describe("whisper", model).size_mb
    return 0


def _or(value: str, otherwise: str) -> str:
    return otherwise if value == AUTO else value


def refuse_unknown_models(job: Job) -> None:
    """Refuse a model's name now that no stage could load in the night.

    Args:
        job: What will run.

    Raises:
        InputError: No model of the engine has that name.
    """
    # As below: a run that prepares nothing need not wait for it.
    from shared.models.store import check_name
    from shared.pipeline.plan.needed import needed_models
    from shared.pipeline.plan.unneeded import needed_stages

    config = load_config(overrides=job.config)
    for need in needed_models(job, config, needed_stages(job)):
        try:
            check_name(need.engine, need.name)
        except InputError as error:
            raise InputError(f"{error.cause}: {need.why}", hint=error.hint) from error


def first_engine(
    config: PipelineConfig, source: str, targets: list[str], has_sound: bool = True
) -> str:
    """Return the engine of the first target; refuse now what none could do in the night.

    Args:
        config: The configuration of the job.
        source: BCP-47, or 'auto'.
        targets: BCP-47.
        has_sound: Whether there is a film to hear.

    Raises:
        UnavailableError: No engine here can do one of them.
    """
    # A run that prepares nothing, and has nothing to do, need not wait for it.
    from shared.translation.router import DEFAULT_ENGINE, Router, named_by_user

    router = Router(
        config, EnvironmentManager(), may_fetch=not hub_is_offline(), has_sound=has_sound
    )
    chains = [
        router.route(source, target, chosen=named_by_user(config))
        for target in targets
        if primary(target) != primary(source)
    ]
    return chains[0][0].engine if chains else DEFAULT_ENGINE
