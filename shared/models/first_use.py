#!/usr/bin/env python3
"""
First use: what came when a model was first fetched here holds from then on.

Of many models nobody publishes a digest that could be known beforehand. They are trusted when they
first come: revision and SHA-256 of each file are kept apart from the model, and whatever comes
later, because the model was removed or is damaged, must be the same. Pins (pins.py) stand above.

Usage:
    from shared.models.first_use import keep_first_use, read_first_use

    pin = read_first_use(model, models_dir)
    keep_first_use(model, models_dir, Pin(revision, digests))
"""

from __future__ import annotations

import re
from pathlib import Path

from shared.core.files import read_record, write_json
from shared.models.catalogue import Model
from shared.models.pins import Pin
from shared.models.store import fetch_command

FOLDER = ".first-use"
REVISION = re.compile(r"[0-9a-f]{40}")
DIGEST = re.compile(r"[0-9a-f]{64}")


def first_use_file(model: Model, models_dir: Path) -> Path:
    """Return where it is kept what came of a model; removing it is trusting anew.

    Args:
        model: Its row in the catalogue.
        models_dir: Folder with one sub-folder per engine.
    """
    return models_dir / model.engine / FOLDER / f"{model.name.replace('/', '--')}.json"


def read_first_use(model: Model, models_dir: Path) -> Pin:
    """Return what came of a model when it was first fetched; an empty pin when it never was.

    A pin of the catalogue counts instead where it names another revision.

    Args:
        model: Its row in the catalogue.
        models_dir: Folder with one sub-folder per engine.
    """
    kept = read_record(first_use_file(model, models_dir)) or {}
    revision, digests = kept.get("revision"), kept.get("sha256")
    is_whole = isinstance(revision, str) and REVISION.fullmatch(revision)
    if not is_whole or not isinstance(digests, dict) or kept.get("repository") != model.repository:
        return model.pin
    if model.pin.revision not in {"", revision}:
        return model.pin
    known = {
        name: text
        for name, text in digests.items()
        if isinstance(text, str) and DIGEST.fullmatch(text)
    }
    return Pin(str(revision), tuple((known | dict(model.pin.sha256)).items()))


def how_to_trust_anew(model: Model, models_dir: Path) -> str:
    """Return the hint for who wants what the hub has now; '' where a pin stands above.

    Args:
        model: Its row in the catalogue.
        models_dir: Folder with one sub-folder per engine.
    """
    path = first_use_file(model, models_dir)
    if model.pin.revision or not path.is_file():
        return ""
    return f"To trust what is there now: rm {path}, then {fetch_command(model)}"


def keep_first_use(model: Model, models_dir: Path, came: Pin) -> None:
    """Keep what came of a model.

    Args:
        model: Its row in the catalogue.
        models_dir: Folder with one sub-folder per engine.
        came: Its revision, and the digest of each of its files.

    Raises:
        OSError: The folder cannot be written.
    """
    path = first_use_file(model, models_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"repository": model.repository, "revision": came.revision}
    write_json(path, content | {"sha256": dict(came.sha256)})
