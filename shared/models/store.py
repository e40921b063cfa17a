#!/usr/bin/env python3
"""
Store: finds a model on this machine.

Looked at in this order: a folder or file that the user named, `models/<engine>/<name>`, the hub's
cache on this machine, weights that came as Python packages. A stage only finds: fetching is done
before the first stage starts (shared/models/fetch.py).

A model is a folder, but for those that are one file (pyannote's segmentation networks, the speaker
embedding): of these the file itself is returned.

Usage:
    from shared.models.store import find_model, require_model

    folder = require_model("whisper", "base")
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from shared.core.errors import InputError, UnavailableError
from shared.core.files import read_record
from shared.core.paths import MODELS_DIR
from shared.models.catalogue import ALIASES, FAMILIES, ORIGINS, Model, describe, known_names
from shared.models.packaged import packaged_model

Place = Literal["given", "models", "hub cache", "package"]
SHARD_INDEX = ".index.json"


@dataclass(frozen=True)
class Found:
    """A model on this machine: what is known of it, in which place it is, and its path."""

    model: Model
    place: Place
    path: Path


class MissingModelError(UnavailableError):
    """A model is not on this machine (exit code 3); the hint is the command that fetches it.

    Args:
        model: The model.
        why: What keeps it from being fetched now; '' where nobody has tried.
    """

    def __init__(self, model: Model, why: str = "") -> None:
        super().__init__(
            f"The {model.engine} model {model.name}{model.size} is not on this machine"
            + (f", and {why}" if why else ""),
            hint=fetch_command(model),
        )
        self.model = model


def fetch_command(model: Model) -> str:
    """Return the command that brings a model onto this machine.

    Args:
        model: The model; one that is on no hub comes with an environment.
    """
    if not model.repository:
        return f"./bootstrap.sh --env {model.package} --force"
    return f"python3 tools/models.py fetch {model.engine} {model.name}"


def check_name(engine: str, name: str) -> None:
    """Refuse a name that no model can have; costs a look at the folder that it may name.

    Args:
        engine: As for find_model.
        name: As for find_model.

    Raises:
        InputError: As for find_model.
    """
    if _given(engine, name) is None:
        describe(engine, name)


def find_model(engine: str, name: str, models_dir: Path = MODELS_DIR) -> Path | None:
    """Return the folder (or the one file) of a model, None when it is not on this machine.

    Args:
        engine: whisper, mlx, wav2vec2, demucs, nllb, indictrans2, pyannote or speaker.
        name: A name in the catalogue, a hub repository ("owner/name"), a folder or a file.
        models_dir: Folder with one sub-folder per engine.

    Raises:
        InputError: No model of this engine has that name, or the named folder holds none.
        UnavailableError: Packaged weights are damaged or cannot be put together.
    """
    found = locate(engine, name, models_dir)
    return found.path if found else None


def find_origin(engine: str, name: str, models_dir: Path = MODELS_DIR) -> Path | None:
    """Return the folder of another engine's model that this one can be made from, None without.

    Args:
        engine: As for find_model.
        name: As for find_model.
        models_dir: As for find_model.

    Raises:
        InputError: As for find_model.
    """
    origin = ORIGINS.get(engine)
    if origin is None or ALIASES.get(name, name) not in known_names(origin):
        return None
    return find_model(origin, name, models_dir)


def require_model(engine: str, name: str, models_dir: Path = MODELS_DIR) -> Path:
    """Return the folder (or the one file) of a model.

    Args:
        engine: As for find_model.
        name: As for find_model.
        models_dir: As for find_model.

    Raises:
        MissingModelError: It is not on this machine; names its size and the command to fetch it.
        InputError: No model of this engine has that name, or the named folder holds none.
    """
    found = locate(engine, name, models_dir)
    if found is None:
        raise MissingModelError(describe(engine, name))
    return found.path


def locate(engine: str, name: str, models_dir: Path = MODELS_DIR) -> Found | None:
    """Return a model of this machine with the place where it lies, None when it is not here.

    Args:
        engine: As for find_model.
        name: As for find_model.
        models_dir: As for find_model.

    Raises:
        InputError: As for find_model.
    """
    given = _given(engine, name)
    if given is not None:
        return given
    model = describe(engine, name)
    folder = models_dir / engine / model.name
    if is_whole(model, folder):
        return Found(model, "models", _the_model(model, folder))
    cached = _in_hub_cache(model)
    if cached is not None:
        return Found(model, "hub cache", _the_model(model, cached))
    packaged = packaged_model(model, models_dir)
    return Found(model, "package", packaged) if packaged is not None else None


def is_whole(model: Model, folder: Path) -> bool:
    """Return whether a folder holds all that a model needs; costs a listing.

    Args:
        model: Its row in the catalogue, which names the files that it cannot do without.
        folder: Where it may lie.
    """
    if not folder.is_dir():
        return False
    needs = (*model.family.needs, *model.needs, *([model.file] if model.file else []))
    if not all((folder / name).is_file() for name in needs):
        return False
    forms = model.family.weights
    return not forms or any(_has_weights(folder, form) for form in forms)


def _given(engine: str, name: str) -> Found | None:
    """Return what the user named by its path; a bare name is never one, whatever lies around."""
    looks_like_a_path = name.startswith((".", "~", os.sep))
    if engine not in FAMILIES or not (looks_like_a_path or os.sep in name):
        return None
    path = Path(name).expanduser()
    if not path.exists():
        if looks_like_a_path:
            raise InputError(f"No such folder: {path}", hint=f"Name a folder with a {engine} model")
        return None
    model = Model(name, engine)
    if path.is_dir() and not is_whole(model, path):
        needs = ", ".join((*model.family.needs, " or ".join(model.family.weights)))
        raise InputError(f"No {engine} model in {path}", hint=f"The folder must hold {needs}")
    return Found(model, "given", path.resolve())


def _the_model(model: Model, folder: Path) -> Path:
    return folder / model.file if model.file else folder


def _has_weights(folder: Path, form: str) -> bool:
    """Return whether weights of one form are there, every shard of them if they are in shards."""
    names = {path.name for path in folder.iterdir() if path.is_file()}
    indexes = [name for name in names if fnmatch(name, form + SHARD_INDEX)]
    for index in indexes:
        shards = (read_record(folder / index) or {}).get("weight_map")
        return isinstance(shards, dict) and names.issuperset(map(str, shards.values()))
    return any(fnmatch(name, form) for name in names)


def _in_hub_cache(model: Model) -> Path | None:
    """Return the model's folder in the hub's cache; read by its layout, which costs no import."""
    if not model.repository:
        return None
    from huggingface_hub import constants

    folder = "models--" + model.repository.replace("/", "--")
    repository = Path(constants.HF_HUB_CACHE) / folder
    pinned = repository / "snapshots" / model.pin.revision
    if model.pin.revision and is_whole(model, pinned):
        return pinned
    try:
        commit = (repository / "refs" / constants.DEFAULT_REVISION).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    snapshot = repository / "snapshots" / commit.strip()
    return snapshot if is_whole(model, snapshot) else None
