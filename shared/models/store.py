#!/usr/bin/env python3
"""
Store: finds a model on this machine.

Looked at in this order: a folder that the user named, `models/<engine>/<name>`, the hub's cache on
this machine, weights that came as Python packages. A stage only finds: fetching is done before the
first stage starts.

Usage:
    from shared.models.store import find_model, require_model

    folder = require_model("whisper", "base")
"""

from __future__ import annotations

from pathlib import Path

from shared.core.errors import UnavailableError
from shared.core.paths import MODELS_DIR
from shared.models.catalogue import Model, describe


class MissingModelError(UnavailableError):
    """A model is not on this machine (exit code 3); the hint is the command that fetches it.

    Args:
        model: The model.
    """

    def __init__(self, model: Model) -> None:
        size = f" ({model.size_mb} MB)" if model.size_mb else ""
        super().__init__(
            f"The {model.engine} model {model.name}{size} is not on this machine",
            hint=f"python3 tools/models.py fetch {model.engine} {model.name}",
        )
        self.model = model


def find_model(engine: str, name: str, models_dir: Path = MODELS_DIR) -> Path | None:
    """Return the folder of a model, None when it is not on this machine.

    Args:
        engine: whisper, mlx, wav2vec2, demucs, nllb, indictrans2, pyannote.
        name: A name in the catalogue, a hub repository ("owner/name") or a folder.
        models_dir: Folder with one sub-folder per engine.

    Raises:
        InputError: No model of this engine has that name.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder.resolve()
    model = describe(engine, name)
    folder = models_dir / engine / name
    if model.needs and all((folder / file).is_file() for file in model.needs):
        return folder
    return _in_hub_cache(model)


def require_model(engine: str, name: str, models_dir: Path = MODELS_DIR) -> Path:
    """Return the folder of a model.

    Raises:
        MissingModelError: It is not on this machine; names its size and the command to fetch it.
        InputError: No model of this engine has that name.
    """
    folder = find_model(engine, name, models_dir)
    if folder is None:
        raise MissingModelError(describe(engine, name))
    return folder


def _in_hub_cache(model: Model) -> Path | None:
    if not model.repository:
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model.repository, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return folder if all((folder / file).is_file() for file in model.needs) else None
