#!/usr/bin/env python3
"""
Identity: the names and digests under which inputs and code are recorded in a stage's manifest.

Usage:
    from shared.core.identity import media_identity, recorded_name

    recorded_name(job_dir / "06_asr" / "segments.json", job_dir)  # 'job:06_asr/segments.json'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from shared.core.files import sha256_of
from shared.core.paths import PROJECT_ROOT

JOB_MARK = "job:"
PROJECT_MARK = "project:"
FILE_MARK = "file:"
MEDIA_MARK = "media:"
MODEL_MARK = "model:"
# What a run without it does not count as done.
TRANSLATION = "translation"
SAMPLE_BYTES = 1 << 20
# No content has it: what changed while it was used is not known.
UNKNOWN = "0" * 64
# The files of a model that make its results, the most telling form first.
WEIGHT_FORMS = ("model.bin", "*.safetensors", "*.npz", "*.bin", "*.th", "*.pt", "*.gguf", "*")
# What tells how the weights are read: configuration, tokenizers, vocabularies, code of a model.
SETTINGS_FORMS: tuple[str, ...] = (
    "*.json",
    "*.txt",
    "*.yaml",
    "*.yml",
    "*.model",
    "*.spm",
    "*.vocab",
    "*.tiktoken",
)
SETTINGS_FORMS += ("*.SRC", "*.TGT", "*.jinja", "*.py")
FOR_PEOPLE = re.compile(r"licen[cs]e|readme|notice|requirements", re.IGNORECASE)
# Modules that carry files and messages but do not shape what a stage writes: changing them does
# not make finished work stale.
CARRIERS: tuple[str, ...] = (
    "shared/core/",
    "shared/models/",
    "shared/pipeline/",
    "shared/services/",
    "shared/config.py",
    "shared/logger.py",
)
CARRIERS += ("shared/stage_utils.py", "shared/stage_order.py", "shared/hardware_detection.py")
CARRIERS += ("shared/environment_manager.py", "shared/__init__.py")
# What lies among them and does: how languages are named and told apart, what files are called.
SHAPING = frozenset({"shared/core/languages.py", "shared/core/file_names.py"})


def recorded_name(path: Path, job_dir: Path) -> str:
    """Return the name under which an input is recorded, marked by where it lies.

    Args:
        path: The file.
        job_dir: The job directory.
    """
    for base, mark in ((job_dir, JOB_MARK), (PROJECT_ROOT, PROJECT_MARK)):
        if path.is_relative_to(base):
            return mark + str(path.relative_to(base))
    return FILE_MARK + str(path)


def recorded_path(name: str, job_dir: Path) -> Path:
    """Return the path that a recorded name stands for.

    Args:
        name: What recorded_name returned, or a film's name with MEDIA_MARK.
        job_dir: The job directory.
    """
    mark, _, rest = name.partition(":")
    bases = {JOB_MARK: job_dir, PROJECT_MARK: PROJECT_ROOT}
    return bases.get(mark + ":", Path("/")) / rest


def media_identity(path: Path) -> str | None:
    """Return a digest of a film from its size and three MiB of it: films are too large to hash.

    Args:
        path: The film.

    Returns:
        64 hex digits, None when it is not there.
    """
    if not path.is_file():
        return None
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode("ascii"))
    with path.open("rb") as stream:
        for offset in (0, size // 2, max(0, size - SAMPLE_BYTES)):
            stream.seek(offset)
            digest.update(stream.read(SAMPLE_BYTES))
    return digest.hexdigest()


def model_identity(path: Path | None) -> str | None:
    """Return a digest of a model: sizes and parts of its weights, and all that reads them.

    Configuration, tokenizer and vocabulary make results as the weights do; what describes a model
    to people does not. A model that moves, for example from the hub's cache into `models/`, keeps
    its identity.

    Args:
        path: Its folder or its one file; None for a model that is not here.

    Returns:
        64 hex digits, None when it is not there.
    """
    if path is None or not path.is_dir():
        return media_identity(path) if path is not None else None
    files = sorted(file for file in path.rglob("*") if file.is_file())
    weights = next(filter(None, (_named(files, (form,)) for form in WEIGHT_FORMS)), [])
    if not weights:
        return None
    sizes = {file: file.stat().st_size for file in weights}
    largest = max(weights, key=sizes.__getitem__)
    told = [str(sorted(sizes.values())), str(media_identity(largest))]
    for file in _named(files, SETTINGS_FORMS):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file not in sizes and not hidden and not FOR_PEOPLE.match(file.name):
            told.append(f"{file.relative_to(path).as_posix()} {sha256_of(file)}")
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogateescape")).hexdigest()


def _named(files: Sequence[Path], forms: Sequence[str]) -> list[Path]:
    return [file for file in files if any(fnmatchcase(file.name, form) for form in forms)]


def shapes_results(name: str) -> bool:
    """Return whether a file of the project can shape what a stage writes.

    Args:
        name: Its path in the project.
    """
    if not name.startswith(("scripts/", "shared/")):
        return False
    return name in SHAPING or not name.startswith(CARRIERS)
