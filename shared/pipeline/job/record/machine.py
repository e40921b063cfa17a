#!/usr/bin/env python3
"""
Machine: what of this machine finished stages depend on: packages, programs, models.

Only what a stage really used counts: the packages that it imported, the programs that it started.
What is gone changes nothing: what was done with it is done.

Usage:
    from shared.pipeline.job.record.machine import Machine

    Machine(environments).changes(checkpoint, "common")
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.core.errors import PipelineError
from shared.core.identity import MODEL_MARK, model_identity
from shared.core.ran.packages import Installed, installed_in
from shared.core.ran.programs import Program, version_now
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager
from shared.models.store import find_model
from shared.pipeline.job.record.change import ABSENT, Change, short
from shared.pipeline.job.record.manifest import Checkpoint


class Machine:
    """The machine as it is now, everything asked once.

    Args:
        environments: The environment manager.
    """

    def __init__(self, environments: EnvironmentManager) -> None:
        self._environments = environments
        self._installed: dict[str, Installed] = {}
        self._versions: dict[tuple[str, str], str | None] = {}
        self._models: dict[str, str | None] = {}

    def changes(self, checkpoint: Checkpoint, environment: str) -> Iterator[Change]:
        """Yield what differs from a record: environment, packages, programs.

        Args:
            checkpoint: The record.
            environment: The one in which its stage would run now.
        """
        before = checkpoint.environment
        if before != environment:
            phrase = f"it runs in environment {environment}, was {before}"
            yield Change("environment", before, environment, phrase)
            return
        if not checkpoint.packages and checkpoint.is_told:
            yield from self._lock_change(checkpoint)
        for name, packages in checkpoint.packages.items():
            yield from self._package_changes(name, packages)
        for name, program in checkpoint.programs.items():
            now = self._version(name, program)
            if now not in (None, program.version):
                yield Change(name, program.version, str(now), f"{name} changed")

    def model_change(self, name: str, recorded: str | None) -> Iterator[Change]:
        """Tell whether a model is another one than recorded; one that is gone changes nothing.

        Args:
            name: The recorded input.
            recorded: Its digest then, None where it was not there.
        """
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
            yield Change(what, short(recorded), short(digest), phrase)

    def _package_changes(self, environment: str, packages: dict[str, str]) -> Iterator[Change]:
        installed = self._packages_of(environment)
        for name, version in packages.items() if installed else ():
            now = installed.get(name, ABSENT)
            if now != version:
                what = f"{name} in {environment}"
                yield Change(what, version, now, f"{what} changed from {version} to {now}")

    def _lock_change(self, checkpoint: Checkpoint) -> Iterator[Change]:
        """Tell whether the lock changed under a record that does not say what was imported."""
        lock = self._environments.lock_digest(checkpoint.environment)
        if checkpoint.environment_lock != lock:
            what = f"the lock of environment {checkpoint.environment}"
            phrase = f"the environment {checkpoint.environment} changed"
            yield Change(what, short(checkpoint.environment_lock), short(lock), phrase)

    def _packages_of(self, environment: str) -> Installed:
        if environment not in self._installed:
            known = environment in ENVIRONMENTS
            folder = self._environments.folder(environment) if known else None
            self._installed[environment] = installed_in(folder) if folder is not None else {}
        return self._installed[environment]

    def _version(self, name: str, recorded: Program) -> str | None:
        key = (name, recorded.model_dump_json())
        if key not in self._versions:
            self._versions[key] = version_now(name, recorded)
        return self._versions[key]
