#!/usr/bin/env python3
"""
Fingerprint: what a finished stage depends on that is not as it was.

A stage's record holds its inputs (by a name that says where they lie), the parameters and job
fields it read, the code it ran, its environment's lock. This module turns each into a digest and
says what differs between the record and now. A file whose size, time and inode are those that were
recorded is trusted; any other is read.

Usage:
    from shared.pipeline.job.fingerprint import Fingerprints

    Fingerprints(job_dir, job, config, environments).changes(checkpoint, outputs)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.config import secret_values, secrets_present
from shared.core.errors import InputError, PipelineError
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
from shared.core.redact import Redactor
from shared.core.settings import PipelineConfig
from shared.environment_manager import HERE, STAGE_TO_ENV, EnvironmentManager
from shared.models.store import find_model
from shared.pipeline.job.checkpoint import Checkpoint
from shared.pipeline.job.job import Job
from shared.pipeline.job.outputs import JobOutputs
from shared.stage_order import STAGE_ORDER

SHORT_DIGEST = 12
ABSENT = "not there"
# Where the film lies and why a track was taken: its content and the track itself are what counts.
PLACE_OF_MEDIA = ("path", "audio_choice")


@dataclass(frozen=True)
class Change:
    """One thing that a finished stage depends on and that is not as it was."""

    what: str
    before: str
    after: str
    phrase: str

    def __str__(self) -> str:
        return self.phrase


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
        self._parameters = _without_secrets(config.model_dump(mode="json")) | secrets_present()
        self._job_fields = _without_secrets(job.model_dump(mode="json"))
        self._media = Path(job.media.path)
        self._config = config
        self._environments = environments
        self._code: dict[str, str | None] = {}
        self._models: dict[str, str | None] = {}
        self._digests: dict[tuple[Path, int, int, int], str | None] = {}

    def changes(self, checkpoint: Checkpoint, outputs: JobOutputs) -> list[Change]:
        """Return what a finished stage depends on that is not as it was, most telling first.

        A film that is away changes nothing: what was done with it is done.

        Args:
            checkpoint: The record of the finished stage.
            outputs: What the stages of the job have written; of an open input nothing is said.

        Returns:
            Empty when the stage need not run again.
        """
        return list(self._changes(checkpoint, outputs, needs_film=False))

    def matches(self, checkpoint: Checkpoint, outputs: JobOutputs) -> bool:
        """Return whether a record, of this job or another, is of just the work to be done now.

        Args:
            checkpoint: The record.
            outputs: As for changes().
        """
        return next(self._changes(checkpoint, outputs, needs_film=True), None) is None

    def digest_of(self, path: Path) -> str | None:
        """Return a file's SHA-256, taken once for each of its states; None when it is not there.

        Args:
            path: An input, anywhere.
        """
        return self._once(path, sha256_of)

    def _changes(
        self, checkpoint: Checkpoint, outputs: JobOutputs, needs_film: bool
    ) -> Iterator[Change]:
        if not checkpoint.is_told:
            yield Change("what it read", "not told", "not told", "it did not tell what it read")
        for outage in checkpoint.outages:
            yield Change("an outage", outage, "tried again", f"tried again; last time: {outage}")
        for key, value in checkpoint.parameters.items():
            now = self._parameters.get(key)
            if now != value:
                yield Change(key, str(value), str(now), f"{key} changed from {value} to {now}")
        for key, value in checkpoint.job_fields.items():
            before, now = self._field(checkpoint, key, value, self._job_fields.get(key))
            if now != before:
                name = f"{key.lower()} in job.json"
                yield Change(name, str(before), str(now), f"{name} changed")
        for name, digest in checkpoint.inputs.items():
            if name.startswith(MODEL_MARK):
                yield from self._model_change(name, digest)
                continue
            if outputs.is_open(name):
                continue
            current = self._input_digest(name, outputs)
            if current is None and name.startswith(MEDIA_MARK) and not needs_film:
                continue
            if current != digest:
                told = name.partition(":")[2]
                yield Change(told, _short(digest), _short(current), f"{told} changed")
        for name, digest in checkpoint.code.items():
            current = self._code_digest(name)
            if current != digest:
                yield Change(name, _short(digest), _short(current), f"{name} changed")
        yield from self._environment_change(checkpoint)

    def _environment_change(self, checkpoint: Checkpoint) -> Iterator[Change]:
        name = stage_environment_name(checkpoint.stage, self._config, self._environments)
        before = checkpoint.environment
        if before != name:
            phrase = f"it runs in environment {name}, was {before}"
            yield Change("environment", before, name, phrase)
            return
        lock = self._environments.lock_digest(name)
        if checkpoint.environment_lock != lock:
            what = f"the lock of environment {name}"
            before = _short(checkpoint.environment_lock)
            yield Change(what, before, _short(lock), f"the environment {name} changed")

    def _field(self, checkpoint: Checkpoint, key: str, before: Any, now: Any) -> tuple[Any, Any]:
        """Return a job field as recorded and as it is, without what shapes no result."""
        if key == "MEDIA" and isinstance(before, dict) and isinstance(now, dict):
            return tuple(  # type: ignore[return-value]
                {k: v for k, v in media.items() if k not in PLACE_OF_MEDIA}
                for media in (before, now)
            )
        if key == "RESOLVED" and isinstance(before, dict) and isinstance(now, dict):
            # That a parameter was chosen by itself matters to stages that read it.
            return tuple(  # type: ignore[return-value]
                {k: v for k, v in chosen.items() if k in checkpoint.parameters}
                for chosen in (before, now)
            )
        return before, now

    def _input_digest(self, name: str, outputs: JobOutputs) -> str | None:
        if name.startswith(MEDIA_MARK):
            return self._once(self._media, media_identity)
        if (record := outputs.foreseen_record(name)) is not None:
            written = record.outputs.get(name.partition("/")[2])
            return written.sha256 if written is not None else None
        path = recorded_path(name, self._job_dir)
        known = outputs.recorded.get(name)
        if known is not None and path.is_file() and known.matches(path):
            return known.sha256
        return self.digest_of(path)

    def _once(self, path: Path, digest: Any) -> str | None:
        if not path.is_file():
            return None
        status = path.stat()
        key = (path, status.st_size, status.st_mtime_ns, status.st_ino)
        if key not in self._digests:
            self._digests[key] = digest(path)
        return self._digests[key]

    def _code_digest(self, name: str) -> str | None:
        if name not in self._code:
            path = PROJECT_ROOT / name
            self._code[name] = sha256_of(path) if path.is_file() else None
        return self._code[name]

    def _model_change(self, name: str, recorded: str | None) -> Iterator[Change]:
        """Tell whether a model is another one than recorded; one that is gone changes nothing."""
        engine, _, model = name.removeprefix(MODEL_MARK).partition("/")
        if self._models.get(name) is None:  # what was not there may have been fetched
            try:
                self._models[name] = model_identity(find_model(engine, model))
            except PipelineError:
                self._models[name] = None
        digest = self._models[name]
        if digest not in {None, recorded}:
            what = f"the {engine} model {model}"
            phrase = f"{what} changed" if recorded else f"{what} is here now"
            yield Change(what, _short(recorded), _short(digest), phrase)


def _without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    """Return values by upper-case name as manifests hold them: a secret in one is hidden."""
    text = Redactor(secret_values()).text(json.dumps(values, ensure_ascii=False))
    return {key.upper(): value for key, value in json.loads(text).items()}


def _short(digest: str | None) -> str:
    return ABSENT if digest is None else digest[:SHORT_DIGEST]


def stage_environment_name(
    stage: str, config: PipelineConfig, environments: EnvironmentManager
) -> str:
    """Return the environment in which a stage runs under a configuration.

    Args:
        stage: A name in STAGE_ORDER.
        config: Its engine choices.
        environments: The environment manager.

    Raises:
        InputError: The stage was added without an environment.
    """
    if stage in STAGE_ORDER and stage not in STAGE_TO_ENV:
        raise InputError(
            f"The stage '{stage}' has no environment",
            hint=f'Add a row to STAGE_TO_ENV in {HERE}, for example "{stage}": "common"',
        )
    asr = "whisperx" if config.asr_engine == AUTO else config.asr_engine
    translation = "whisper" if config.translation_engine == AUTO else config.translation_engine
    return environments.environment_for_stage(stage, asr_engine=asr, translation_engine=translation)
