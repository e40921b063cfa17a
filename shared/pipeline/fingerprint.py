#!/usr/bin/env python3
"""
Fingerprint: what a finished stage depends on that is not as it was.

A stage's record holds its inputs (by a name that says where they lie), the parameters and job
fields it read, the code it ran, its environment's lock. This module turns each into a digest and
says what differs between the record and now.

Usage:
    from shared.pipeline.fingerprint import Fingerprints

    Fingerprints(job_dir, job, config, environments).changes(checkpoint, outputs)
"""

from __future__ import annotations

from pathlib import Path

from shared.core.errors import PipelineError
from shared.core.files import sha256_of
from shared.core.identity import (
    MEDIA_MARK,
    MODEL_MARK,
    media_identity,
    model_identity,
    recorded_path,
)
from shared.core.languages import AUTO
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.models.store import find_model
from shared.pipeline.checkpoint import Checkpoint, OutputFile
from shared.pipeline.job import Job


class Fingerprints:
    """What stages depend on as it is now, each digest taken once.

    Args:
        job_dir: The job directory.
        job: Its job.json.
        config: The configuration as loaded now.
        environments: The environment manager.
    """

    def __init__(
        self, job_dir: Path, job: Job, config: PipelineConfig, environments: EnvironmentManager
    ) -> None:
        self._job_dir = job_dir
        self._parameters = {k.upper(): v for k, v in config.model_dump(mode="json").items()}
        self._job_fields = {k.upper(): v for k, v in job.model_dump(mode="json").items()}
        self._config = config
        self._environments = environments
        self._code: dict[str, str | None] = {}

    def changes(self, checkpoint: Checkpoint, outputs: dict[str, OutputFile]) -> list[str]:
        """Return what a finished stage depends on that is not as it was, most telling first.

        Args:
            checkpoint: The record of the finished stage.
            outputs: Known output files of the job ('job:…' name to record), so that large files
                which did not change are not read again.

        Returns:
            One short phrase a change; empty when the stage need not run again.
        """
        found: list[str] = []
        for key, value in checkpoint.parameters.items():
            if self._parameters.get(key) != value:
                found.append(f"{key} changed from {value} to {self._parameters.get(key)}")
        for key, value in checkpoint.job_fields.items():
            if self._job_fields.get(key) != value:
                found.append(f"{key.lower()} in job.json changed")
        for name, digest in checkpoint.inputs.items():
            if name.startswith(MODEL_MARK):
                found += _model_change(name, digest)
            elif self._input_digest(name, outputs) != digest:
                found.append(f"{name.partition(':')[2]} changed")
        for name, digest in checkpoint.code.items():
            if self._code_digest(name) != digest:
                found.append(f"{name} changed")
        environment = stage_environment_name(checkpoint.stage, self._config, self._environments)
        if checkpoint.environment != environment:
            found.append(f"it runs in environment {environment}, was {checkpoint.environment}")
        elif checkpoint.environment_lock != self._environments.lock_digest(environment):
            found.append(f"the environment {environment} changed")
        return found

    def _input_digest(self, name: str, outputs: dict[str, OutputFile]) -> str | None:
        path = recorded_path(name, self._job_dir)
        if name.startswith(MEDIA_MARK):
            return media_identity(path)
        if not path.is_file():
            return None
        known = outputs.get(name)
        return known.sha256 if known is not None and known.matches(path) else sha256_of(path)

    def _code_digest(self, name: str) -> str | None:
        if name not in self._code:
            path = PROJECT_ROOT / name
            self._code[name] = sha256_of(path) if path.is_file() else None
        return self._code[name]


def _model_change(name: str, recorded: str | None) -> list[str]:
    """Return whether a model is another one than recorded; one that is gone changes nothing."""
    engine, _, model = name.removeprefix(MODEL_MARK).partition("/")
    try:
        digest = model_identity(find_model(engine, model))
    except PipelineError:
        return []
    if digest in {None, recorded}:
        return []
    return [f"the {engine} model {model} " + ("changed" if recorded else "is here now")]


def stage_environment_name(
    stage: str, config: PipelineConfig, environments: EnvironmentManager
) -> str:
    """Return the environment in which a stage runs under a configuration.

    Args:
        stage: A name in STAGE_ORDER.
        config: Its engine choices.
        environments: The environment manager.
    """
    asr = "whisperx" if config.asr_engine == AUTO else config.asr_engine
    translation = "whisper" if config.translation_engine == AUTO else config.translation_engine
    return environments.environment_for_stage(stage, asr_engine=asr, translation_engine=translation)
