#!/usr/bin/env python3
"""
Needed models: which models the stages of a job will load, and having them before the first starts.

Usage:
    from shared.pipeline.plan.needed import needed_models, provide_models

    provide_models(needed_models(job, config, stages), progress)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.config import hub_is_offline
from shared.core.errors import PipelineError, UnavailableError
from shared.core.languages import AUTO, primary
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.media.separation import separation_of
from shared.models.catalogue import describe, known_names
from shared.models.fetch import Progress, fetch_model, hub_answers
from shared.models.store import MissingModelError, find_model, find_origin
from shared.models.tables import MULTILINGUAL_ALIGNER
from shared.pipeline.job.job import Job
from shared.translation.router import (
    DEFAULT_ENGINE,
    Choice,
    Router,
    likely_source,
    named_by_user,
)
from shared.translation.weights import preferred_weights

# What the packages carry: an automatically chosen Whisper model may give way to it.
PACKAGED_WHISPER = "base"
# Seconds the hub has to answer before a run: a machine without it must learn so at once.
PREFLIGHT_PATIENCE = 1.2
MODELS_OF_ASR_ENGINE = {
    AUTO: "whisper",
    "whisperx": "whisper",
    "whisperx-batched": "whisper",
    "mlx": "mlx",
}


@dataclass(frozen=True)
class NeededModel:
    """A model that a stage will load.

    `optional`: the stage does without it. `gives_way_to`: the model of the same engine that the
    stage takes instead, "" for none. `why`: one phrase for a person.
    """

    engine: str
    name: str
    why: str
    optional: bool = False
    gives_way_to: str = ""


def needed_models(job: Job, config: PipelineConfig, stages: list[str]) -> list[NeededModel]:
    """Return the models that stages of a job will load, each once.

    Args:
        job: The job; its `resolved` tells what was chosen automatically.
        config: Its configuration.
        stages: The stages that will run.

    Raises:
        InputError: A setting contradicts the film.
    """
    found: list[NeededModel] = []
    if "source_separation" in stages:
        found += _for_separation(job, config)
    if "pyannote_vad" in stages and config.vad_engine != "silero" and not config.vad_weights:
        why = f"speech detection (VAD_ENGINE={config.vad_engine})"
        found.append(NeededModel("pyannote", "segmentation", why, config.vad_engine == AUTO))
    if "pyannote_vad" in stages and config.diarization in (AUTO, "pyannote"):
        optional = config.diarization == AUTO
        why = f"speakers (DIARIZATION={config.diarization})"
        found.append(NeededModel("pyannote", config.diarization_model, why, optional))
    if "asr" in stages:
        engine = MODELS_OF_ASR_ENGINE[config.asr_engine]
        found.append(_whisper(job, config, engine, "recognition"))
    if "alignment" in stages:
        found += _for_alignment(job, config)
    if "translation" in stages and job.target_languages:
        found += _for_translation(job, config)
    return list({(need.engine, need.name): need for need in reversed(found)}.values())[::-1]


def provide_models(needs: list[NeededModel], progress: Progress) -> list[str]:
    """Fetch what is missing and cannot be done without; costs nothing when nothing is.

    Args:
        needs: What needed_models returned.
        progress: Called with bytes here and bytes in all.

    Returns:
        Why models could not be had that give way to lesser ones.

    Raises:
        UnavailableError: A model is not here and cannot be had; with the command that fetches it.
        InputError: There is no such model.
    """
    missing = [need for need in needs if not need.optional and not _is_here(need)]
    if not missing:
        return []
    told: list[str] = []
    silence = "HF_HUB_OFFLINE is set" if hub_is_offline() else ""
    if not silence and not hub_answers(PREFLIGHT_PATIENCE):
        silence = "the model hub does not answer"
    for need in missing:
        model = describe(need.engine, need.name)
        has_substitute = bool(need.gives_way_to) and _exists(need.engine, need.gives_way_to)
        if silence or not model.repository:
            if not has_substitute:
                raise MissingModelError(model, why=silence if model.repository else "")
            continue
        try:
            fetch_model(model, progress)
        except PipelineError as error:
            if not has_substitute:
                raise
            told.append(f"{need.engine} {need.name} could not be fetched: {error.cause}")
    return told


def _is_here(need: NeededModel) -> bool:
    return _exists(need.engine, need.name)


def _exists(engine: str, name: str) -> bool:
    """Whether a model is here, or one that the stage makes it from."""
    return find_model(engine, name) is not None or find_origin(engine, name) is not None


def _whisper(job: Job, config: PipelineConfig, engine: str, task: str) -> NeededModel:
    """Return the need of the Whisper model; an automatic choice gives way to the packaged one."""
    name = config.whisper_model
    if name == AUTO:
        return NeededModel(engine, PACKAGED_WHISPER, task)
    automatic = "WHISPER_MODEL" in job.resolved and name != PACKAGED_WHISPER
    substitute = PACKAGED_WHISPER if automatic else ""
    return NeededModel(engine, name, f"{task} (WHISPER_MODEL)", gives_way_to=substitute)


def _for_separation(job: Job, config: PipelineConfig) -> Iterator[NeededModel]:
    choice = separation_of(config, job.media.sound)
    if choice.method == "demucs" and not config.demucs_repo:
        automatic = config.source_separation == AUTO
        yield NeededModel("demucs", config.demucs_model, f"separation: {choice.reason}", automatic)


def _for_translation(job: Job, config: PipelineConfig) -> Iterator[NeededModel]:
    """Yield what the engine of each language loads, which need not be that of the first one."""
    has_sound = job.media.audio_stream is not None
    router = Router(config, EnvironmentManager(), may_fetch=True, has_sound=has_sound)
    for target in job.target_languages:
        source = likely_source(job.source_language, target)
        if primary(source) == primary(target):
            continue
        choice = _choice(router, job, config, target)
        if choice.engine == "whisper":
            yield _whisper(job, config, choice.engine, "translation")
        for name in choice.models:
            yield NeededModel(choice.engine, name, f"translation from {source} into {target}")


def _choice(router: Router, job: Job, config: PipelineConfig, target: str) -> Choice:
    """Return the engine of a language; where none can do it here, the one that is set."""
    try:
        return router.route(job.source_language, target, named_by_user(config, job.resolved))[0]
    except UnavailableError:  # an environment is missing, for example: preflight tells that
        engine = DEFAULT_ENGINE if config.translation_engine == AUTO else config.translation_engine
        source = likely_source(job.source_language, target)
        return Choice(engine, preferred_weights(engine, source, target, config))


def _for_alignment(job: Job, config: PipelineConfig) -> Iterator[NeededModel]:
    if config.alignment_engine == "attention" or job.source_language == AUTO:
        return
    if config.alignment_model:
        return
    language = primary(job.source_language)
    name = language if language in known_names("wav2vec2") else MULTILINGUAL_ALIGNER
    optional = config.alignment_engine == AUTO
    yield NeededModel("wav2vec2", name, f"alignment of {language}", optional)
