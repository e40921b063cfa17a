#!/usr/bin/env python3
"""
Identity: the names and digests under which inputs and code are recorded in a stage's manifest.

Usage:
    from shared.core.identity import media_identity, recorded_name

    recorded_name(job_dir / "06_asr" / "segments.json", job_dir)  # 'job:06_asr/segments.json'
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from shared.core.files import sha256_of
from shared.core.paths import PROJECT_ROOT

JOB_MARK = "job:"
PROJECT_MARK = "project:"
FILE_MARK = "file:"
MEDIA_MARK = "media:"
MODEL_MARK = "model:"
SAMPLE_BYTES = 1 << 20
# The files of a model that make its results, the most telling form first.
WEIGHT_FORMS = ("model.bin", "*.safetensors", "*.npz", "*.bin", "*.th", "*.pt", "*.gguf", "*")
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
    """Return a digest of a model's weights from their sizes and parts of the largest file.

    A model that moves, for example from the hub's cache into `models/`, keeps its identity.

    Args:
        path: Its folder or its one file; None for a model that is not here.

    Returns:
        64 hex digits, None when it is not there.
    """
    if path is None or not path.is_dir():
        return media_identity(path) if path is not None else None
    for form in WEIGHT_FORMS:
        sizes = {file: file.stat().st_size for file in path.rglob(form) if file.is_file()}
        if sizes:
            largest = max(sorted(sizes), key=sizes.__getitem__)
            told = f"{sorted(sizes.values())} {media_identity(largest)}"
            return hashlib.sha256(told.encode("ascii")).hexdigest()
    return None


def running_code() -> dict[str, str]:
    """Return path and SHA-256 of every project file imported here that can shape a result."""
    files: set[str] = set()
    for module in list(sys.modules.values()):
        origin = getattr(module, "__file__", None)
        if not origin or not Path(origin).resolve().is_relative_to(PROJECT_ROOT):
            continue
        relative = Path(origin).resolve().relative_to(PROJECT_ROOT).as_posix()
        if relative.startswith(("scripts/", "shared/")) and not relative.startswith(CARRIERS):
            files.add(relative)
    return {name: sha256_of(PROJECT_ROOT / name) for name in sorted(files)}
