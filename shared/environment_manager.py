#!/usr/bin/env python3
"""
Environments: which virtual environment runs which stage, and whether it is fit to.

An environment is good when its Python starts, its packages are those that bootstrap installed (the
stamp that it left tells) and its lock is the one in the tree. Standard library only.

To add an environment: write requirements/requirements-<env>.txt, add a row to ENVIRONMENTS here and
name it in STAGE_TO_ENV or STAGE_ENGINES; ./bootstrap.sh --env <env> locks and makes it.

Usage:
    from shared.environment_manager import EnvironmentManager

    manager = EnvironmentManager()
    manager.require("whisperx")
    command = [str(manager.python("whisperx")), "scripts/whisperx_asr.py"]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shared.core.environment_stamp import list_packages, read_stamp, starts
from shared.core.errors import InputError, UnavailableError, nearest
from shared.core.ran.packages import drift, locked_versions
from shared.hardware_detection import Profile, detect_hardware, mlx_runs_here

PROJECT_ROOT = Path(__file__).resolve().parent.parent
HERE = "shared/environment_manager.py"

ENVIRONMENTS: dict[str, str] = {
    "common": "venv/common",  # Core: job management, logging, subtitles, muxing, tests
    "whisperx": "venv/whisperx",  # WhisperX recognition and alignment (CUDA, CPU)
    "mlx": "venv/mlx",  # MLX Whisper (Apple Silicon)
    "pyannote": "venv/pyannote",  # Voice activity and speakers
    "demucs": "venv/demucs",  # Source separation, song detection
    "indictrans2": "venv/indictrans2",  # Translation of 22 Indic languages
    "nllb": "venv/nllb",  # Translation between 200 languages
    "llm": "venv/llm",  # Translation by a language model
    "batch": "venv/batch",  # Many films at once; no stage runs in it
    "web": "venv/web",  # The desk, health and metrics; no stage's
}

STAGE_TO_ENV: dict[str, str] = {
    "demux": "common",
    "tmdb": "common",
    "glossary_load": "common",
    "source_separation": "demucs",
    "pyannote_vad": "pyannote",
    "asr": "whisperx",
    "alignment": "whisperx",
    "lyrics_detection": "demucs",
    "export_transcript": "common",
    "translation": "indictrans2",
    "subtitle_generation": "common",
    "mux": "common",
}

# The stages whose environment follows their engine. Whisper translates where it recognises.
STAGE_ENGINES: dict[str, dict[str, str]] = {
    "asr": {"whisperx": "whisperx", "whisperx-batched": "whisperx", "mlx": "mlx"},
    "translation": {
        "whisper": "whisperx",
        "indictrans2": "indictrans2",
        "nllb": "nllb",
        "llm": "llm",
        "script": "indictrans2",  # Hindi in other letters
    },
}

# In which speech is found also for who is not a stage.
DETECTOR = "pyannote"

State = Literal["missing", "broken", "drifted", "good"]


@dataclass(frozen=True)
class EnvironmentStatus:
    """One environment: its state, why, and whether this machine's profile needs it."""

    name: str
    state: State
    detail: str
    needed: bool


class EnvironmentManager:
    """The environments of one checkout.

    Args:
        project_root: The checkout; the one that holds this file if left out.
        profile: The hardware profile to judge by; this machine's if left out.
    """

    def __init__(self, project_root: Path | None = None, profile: Profile | None = None) -> None:
        self.project_root = (project_root or PROJECT_ROOT).resolve()
        self._profile = profile

    @property
    def profile(self) -> Profile:
        """The hardware profile: cpu, cuda or mlx."""
        if self._profile is None:
            cache = self.project_root / "config" / "hardware_cache.json"
            self._profile = detect_hardware(cache_file=cache).profile
        return self._profile

    def folder(self, env: str) -> Path:
        """Return an environment's folder. Raises InputError for an unknown name.

        Args:
            env: A name in ENVIRONMENTS.
        """
        if env not in ENVIRONMENTS and self.requirements_file(env).is_file():
            raise InputError(
                f"There is no environment '{env}' yet, only requirements for it",
                hint=f'Add the row "{env}": "venv/{env}" to ENVIRONMENTS in {HERE}',
            )
        return self.project_root / ENVIRONMENTS[_known(env, ENVIRONMENTS, "environment")]

    def python(self, env: str) -> Path:
        """Return an environment's Python program. Raises InputError for an unknown name.

        Args:
            env: A name in ENVIRONMENTS.
        """
        return self.folder(env) / "bin" / "python"

    def requirements_file(self, env: str) -> Path:
        """Return the path of what a person asks for in an environment.

        Args:
            env: A name in ENVIRONMENTS, or of one that is to be added.
        """
        return self.project_root / "requirements" / f"requirements-{env}.txt"

    def lock_file(self, env: str) -> Path:
        """Return the path of an environment's hash lock. Raises InputError for an unknown name.

        Args:
            env: A name in ENVIRONMENTS.
        """
        _known(env, ENVIRONMENTS, "environment")
        return self.project_root / "requirements" / "locks" / f"{env}.txt"

    def lock_digest(self, env: str) -> str:
        """Return the SHA-256 of an environment's lock, in hexadecimal.

        Args:
            env: A name in ENVIRONMENTS.

        Raises:
            UnavailableError: The lock cannot be read.
        """
        path = self.lock_file(env)
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise UnavailableError(
                f"The lock of environment '{env}' cannot be read: {error.strerror}",
                hint=f"tools/lock-requirements.sh {env}",
            ) from error

    def drift(self, packages: Mapping[str, Mapping[str, str]]) -> list[str]:
        """Return which packages are not in the version of their environment's lock, in words.

        Args:
            packages: Versions by environment and package, of those that a stage imported.
        """
        found = []
        for env, imported in sorted(packages.items()):
            if env in ENVIRONMENTS and self.lock_file(env).is_file():
                others = drift(imported, locked_versions(self.lock_file(env)))
                found += [f"{env}: {other}" for other in others]
        return found

    def environment_for_stage(
        self, stage: str, asr_engine: str = "whisperx", translation_engine: str = "whisper"
    ) -> str:
        """Return the environment that runs a stage.

        Args:
            stage: A stage name, as in STAGE_TO_ENV.
            asr_engine: whisperx, whisperx-batched or mlx.
            translation_engine: whisper, indictrans2, nllb or llm.

        Raises:
            InputError: The stage or its engine is unknown.
        """
        env = STAGE_TO_ENV[_known(stage, STAGE_TO_ENV, "stage")]
        engines = STAGE_ENGINES.get(stage)
        if engines is None:
            return env
        engine = asr_engine if stage == "asr" else translation_engine
        return engines[_known(engine, engines, f"{stage} engine")]

    def needed(self, profile: Profile | None = None) -> list[str]:
        """Return the environments that a machine of this profile needs for a first job.

        They are those of STAGE_TO_ENV: the other translation engines are made when asked for.

        Args:
            profile: cpu, cuda or mlx; None takes this machine's.
        """
        used = {"common", *STAGE_TO_ENV.values()}
        if (profile or self.profile) == "mlx":
            used.add("mlx")
        return [env for env in ENVIRONMENTS if env in used]

    def possible(self, profile: Profile | None = None) -> list[str]:
        """Return every environment that can exist on this machine.

        Args:
            profile: cpu, cuda or mlx; None takes this machine's.
        """
        needed = self.needed(profile)
        return [env for env in ENVIRONMENTS if env != "mlx" or env in needed or mlx_runs_here()]

    def status(self, env: str) -> EnvironmentStatus:
        """Return an environment's state. Raises InputError for an unknown name.

        Costs one start of its Python and one listing of its packages; nothing is imported.

        Args:
            env: A name in ENVIRONMENTS.
        """
        state, detail = self._state(env)
        return EnvironmentStatus(env, state, detail, needed=env in self.needed())

    def require(self, env: str) -> EnvironmentStatus:
        """Return the status of an environment that can run; a drifted one can.

        Args:
            env: A name in ENVIRONMENTS.

        Raises:
            InputError: The name is unknown.
            UnavailableError: The environment is missing or broken.
        """
        status = self.status(env)
        if status.state in ("missing", "broken"):
            reason = "" if status.state == "missing" else f": {status.detail}"
            raise UnavailableError(
                f"The environment '{env}' is {status.state}{reason}", f"./bootstrap.sh --env {env}"
            )
        return status

    def _state(self, env: str) -> tuple[State, str]:
        """Return an environment's state and the reason for it."""
        folder = self.folder(env)
        if not folder.is_dir():
            return "missing", "not created yet"
        stamp = read_stamp(folder)
        if stamp is None:
            return "broken", "its set-up was not finished"
        if not starts(self.python(env)):
            return "broken", "its Python does not start"
        try:
            found = set(list_packages(folder))
        except OSError:
            return "broken", "its package folder is gone"
        lost = sorted(set(stamp["entries"]) - found)
        lost_modules = [name for name in lost if not name.endswith(".dist-info")]
        if lost_modules:
            return "broken", f"{_first(lost_modules)} gone"
        return self._drift(env, stamp, found, lost)

    def _drift(
        self, env: str, stamp: dict[str, Any], found: set[str], lost: list[str]
    ) -> tuple[State, str]:
        """Return whether a working environment still is what its lock says."""
        extra = found - set(stamp["entries"])
        added = sorted(name for name in extra if name.endswith(".dist-info"))
        if lost or added:
            changes = [f"{_first(lost)} gone"] if lost else []
            changes += [f"{_first(added)} added"] if added else []
            return "drifted", ", ".join(changes)
        try:
            digest = self.lock_digest(env)
        except UnavailableError as error:
            return "drifted", error.cause
        if digest != stamp["lock_sha256"]:
            return "drifted", "its lock has changed"
        if self.profile == "cuda" and stamp["torch_source"] == "cpu":
            return "drifted", "its torch cannot use the GPU"
        count = len(stamp["distributions"])
        return "good", f"Python {stamp['python']}, {count} packages, lock {digest[:12]}"


def _first(names: list[str]) -> str:
    """Return "name" or "name and 3 more"."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _known(name: str, names: Iterable[str], kind: str) -> str:
    """Return name if it is one of names; raise InputError with the nearest one otherwise."""
    choices = list(names)
    if name not in choices:
        hint = nearest(name, choices) or f"Use one of: {', '.join(choices)}"
        raise InputError(f"There is no {kind} '{name}'", hint=hint)
    return name
