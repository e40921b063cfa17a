#!/usr/bin/env python3
"""
Hub files: what a repository of the model hub holds, and which of it a model needs.

Usage:
    from shared.models.hub_files import HubFile, choose_files

    choose_files(model, [HubFile("model.bin", 75_538_270, sha256, "")])
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch

from shared.models.catalogue import Model
from shared.models.store import SHARD_INDEX


@dataclass(frozen=True)
class HubFile:
    """A file on the hub: bytes, and its digest: SHA-256, or git's own for small files."""

    name: str
    size: int
    sha256: str
    git: str


def choose_files(model: Model, files: list[HubFile]) -> list[HubFile]:
    """Return the files of a repository that a model needs: one form of its weights, no other copy.

    Args:
        model: Its row in the catalogue, with the forms of weights that its engine reads.
        files: Everything in its repository.
    """
    family = model.family
    names = [file.name for file in files]
    form = next((f for f in family.weights if any(fnmatch(name, f) for name in names)), "")
    takes = [pattern for pattern in family.takes if pattern not in family.weights]

    def wanted(name: str) -> bool:
        if name in (*family.needs, *model.needs):
            return True
        if "/" in name or name.startswith("."):
            return False
        if form and (fnmatch(name, form) or fnmatch(name, form + SHARD_INDEX)):
            return True
        return not name.endswith(SHARD_INDEX) and any(fnmatch(name, p) for p in takes)

    return [file for file in files if wanted(file.name)]
