#!/usr/bin/env python3
"""
Fingerprint: what a finished stage depends on that is not as it was.

A stage's record holds its inputs (by a name that says where they lie), the parameters and job
fields it read, the code, packages and programs it ran. This module turns each into a digest and
says what differs between the record and now. A file whose size, time and inode are those that were
recorded is trusted; any other is read.

Usage:
    from shared.pipeline.job.fingerprint import Fingerprints

    Fingerprints(job_dir, job, config, environments).changes(checkpoint, outputs)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from shared.config import secret_values, secrets_present
from shared.core.errors import InputError
from shared.core.files import sha256_of
from shared.core.identity import (
    MEDIA_MARK,
    MODEL_MARK,
    media_identity,
    recorded_path,
)
from shared.core.languages import AUTO
from shared.core.paths import PROJECT_ROOT
from shared.core.redact import Redactor
from shared.core.settings import PipelineConfig
from shared.environment_manager import HERE, STAGE_TO_ENV, EnvironmentManager
from shared.pipeline.job.job import Job
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.outputs import JobOutputs
from shared.pipeline.job.record.change import ABSENT, Change, short
from shared.pipeline.job.record.machine import Machine
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.job.record.shape import inputs_key
from shared.stage_order import STAGE_ORDER

# Where the film lies and why a track was taken: its content and the track itself are what counts.
PLACE_OF_MEDIA = ("path", "audio_choice", "channel_choice", "heard", "text_track")


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
        self._machine = Machine(environments)
        self._digests: dict[tuple[object, ...], str | None] = {}

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

    def inputs_key(self, names: Sequence[str], outputs: JobOutputs) -> str | None:
        """Return the key under which a result with these inputs would be; None for an open one.

        Args:
            names: The shape of a result.
            outputs: As for changes().
        """
        if any(outputs.is_open(name) for name in names):
            return None
        return inputs_key({name: self._input_digest(name, outputs) for name in names})

    def digest_of(self, path: Path) -> str | None:
        """Return a file's SHA-256, taken once for each of its states; None when it is not there.

        Args:
            path: An input, anywhere.
        """
        return self._once(path, sha256_of)

    def settled(self, path: Path, known: OutputFile) -> OutputFile:
        """Return the record of a file that was read and is what it was, as it lies there now.

        Args:
            path: The file.
            known: Its record: another time or inode, as after a restore, had it read.
        """
        if not path.is_file() or known.matches(path):
            return known
        is_same = self._digests.get(_state(sha256_of, path)) == known.sha256
        return OutputFile.of(path, known.sha256) if is_same else known

    def settled_film(self, known: OutputFile | None) -> OutputFile | None:
        """Return the record of the film in the same way.

        Args:
            known: Its record, None where a stage did not read it.
        """
        return self.settled(self._media, known) if known is not None else None

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
                yield from self._machine.model_change(name, digest)
            elif name.startswith(MEDIA_MARK):
                yield from self._film_change(checkpoint, name, digest, needs_film)
            elif not outputs.is_open(name):
                current = self._input_digest(name, outputs)
                if current != digest:
                    told = name.partition(":")[2]
                    yield Change(told, short(digest), short(current), f"{told} changed")
        for name, digest in checkpoint.code.items():
            current = self._code_digest(name)
            if current != digest:
                yield Change(name, short(digest), short(current), f"{name} changed")
        environment = stage_environment_name(checkpoint.stage, self._config, self._environments)
        yield from self._machine.changes(checkpoint, environment)

    def _film_change(
        self, checkpoint: Checkpoint, name: str, sampled: str | None, needs_film: bool
    ) -> Iterator[Change]:
        """Tell whether the film is another one; it is read whole where only its time differs.

        A film that is away changes nothing, unless it is needed.
        """
        film, told = self._media, name.partition(":")[2]
        known = checkpoint.film
        if not film.is_file():
            if needs_film:
                yield Change(told, short(sampled), ABSENT, f"{told} is not there")
            return
        if known is not None and known.matches(film):
            return
        now = self._once(film, media_identity)
        if now != sampled:
            yield Change(told, short(sampled), short(now), f"{told} changed")
        elif known is not None and (now := self.digest_of(film)) != known.sha256:
            yield Change(told, short(known.sha256), short(now), f"{told} changed")

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

    def _once(self, path: Path, digest: Callable[[Path], str | None]) -> str | None:
        if not path.is_file():
            return None
        try:
            key = _state(digest, path)
            if key not in self._digests:
                self._digests[key] = digest(path)
        except FileNotFoundError:  # a run has just put it aside
            return None
        return self._digests[key]

    def _code_digest(self, name: str) -> str | None:
        if name not in self._code:
            path = PROJECT_ROOT / name
            self._code[name] = sha256_of(path) if path.is_file() else None
        return self._code[name]


def _state(digest: Callable[[Path], str | None], path: Path) -> tuple[object, ...]:
    status = path.stat()
    return (digest, path, status.st_size, status.st_mtime_ns, status.st_ino)


def _without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    """Return values by upper-case name as manifests hold them: a secret in one is hidden."""
    text = Redactor(secret_values()).text(json.dumps(values, ensure_ascii=False))
    return {key.upper(): value for key, value in json.loads(text).items()}


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
