#!/usr/bin/env python3
"""
Offers: what a machine of a cluster can do, and what an attempt wants, in the same words.

A word is a resource of dask.distributed: an environment with the digest of its lock, a model, the
digest of the code. A worker offers what it has found good; an attempt goes only where all that it
wants is offered.

Usage:
    from shared.pipeline.batch.cluster.offers import offers_here, wants_of

    wants_of("asr", job, config, environments) <= offers_here(environments)
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from shared.core.errors import PipelineError
from shared.core.files import sha256_of
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager
from shared.models.catalogue import describe, known_names
from shared.models.store import find_model, is_whole
from shared.pipeline.job.fingerprint import stage_environment_name
from shared.pipeline.job.job import Job
from shared.pipeline.plan.needed import needed_models

CODE, ENVIRONMENT, MODEL = "code:", "environment:", "model:"
# At home lie the films, the glossary and the keys: what runs in this environment stays there.
AT_HOME = "common"
HOME = "home"
# Environments in which no attempt runs.
NO_STAGE = frozenset({AT_HOME, "batch", "web"})
SHORT = 12
CODE_FOLDERS = ("scripts", "shared")
ENGINES = ("whisper", "mlx", "pyannote", "demucs", "wav2vec2", "indictrans2", "nllb")


def offers_here(environments: EnvironmentManager) -> tuple[frozenset[str], list[str]]:
    """Check this machine; return what is good, and a line for each environment that is not.

    Args:
        environments: The environment manager.
    """
    offered, told = {code_word()}, []
    for name in sorted(set(ENVIRONMENTS) - NO_STAGE):
        status = environments.status(name)
        if status.state == "good":
            offered.add(_environment_word(name, environments))
        elif status.state != "missing":
            told.append(f"{name} is {status.state}: {status.detail}")
    return frozenset(offered | _models_here()), told


def wants_of(
    stage: str, job: Job, config: PipelineConfig, environments: EnvironmentManager
) -> frozenset[str]:
    """Return what an attempt of a stage wants of the machine where it runs.

    Args:
        stage: A name in STAGE_ORDER.
        job: Whose attempt it is.
        config: That of the job.
        environments: The environment manager.
    """
    environment = stage_environment_name(stage, config, environments)
    models = {
        f"{MODEL}{need.engine}/{need.name}"
        for need in needed_models(job, config, [stage])
        if not need.optional and not need.gives_way_to
    }
    return frozenset({code_word(), _environment_word(environment, environments), *models})


def told(wants: frozenset[str]) -> str:
    """Return wants for a person: 'environment whisperx, model whisper/base'.

    Args:
        wants: What no worker offers.
    """
    return ", ".join(_told(word) for word in sorted(wants))


def _told(word: str) -> str:
    kind, _, name = word.partition(":")
    return "the same code" if kind == CODE[:-1] else f"{kind} {name.partition('@')[0]}"


def _environment_word(name: str, environments: EnvironmentManager) -> str:
    return f"{ENVIRONMENT}{name}@{environments.lock_digest(name)[:SHORT]}"


def _models_here() -> set[str]:
    found = set()
    for engine in ENGINES:
        for name in known_names(engine):
            try:
                model, path = describe(engine, name), find_model(engine, name)
            except PipelineError:
                continue
            if path is not None and (not path.is_dir() or is_whole(model, path)):
                found.add(f"{MODEL}{engine}/{name}")
    return found


def code_word(root: Path = PROJECT_ROOT) -> str:
    """Return the word for the code as it lies here.

    Args:
        root: The project.
    """
    digest = hashlib.sha256()
    files = (path for folder in CODE_FOLDERS for path in (root / folder).rglob("*.py"))
    for path in sorted(files):
        digest.update(f"{path.relative_to(root)} {sha256_of(path)}\n".encode())
    return f"{CODE}{digest.hexdigest()[:SHORT]}"
