#!/usr/bin/env python3
"""
Demucs weights: loads a Demucs model from a folder, as the hub or demucs itself lays it out.

Belongs to demucs_integration, which alone uses it.

Usage:
    from scripts.sound.demucs_weights import load_network

    network = load_network("htdemucs", require_model("demucs", "htdemucs"))
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from shared.core.errors import PipelineError, UnavailableError
from shared.models.catalogue import describe
from shared.models.store import fetch_command


def load_network(name: str, repo: Path) -> Any:
    """Return the model from a folder.

    Args:
        name: A model of the folder, or the signature of one network in it.
        repo: Its folder.

    Raises:
        UnavailableError: The weights are not there, or broken.
    """
    from demucs.pretrained import REMOTE_ROOT
    from demucs.repo import AnyModelRepo, BagOnlyRepo, LocalRepo, ModelLoadingError
    from safetensors import SafetensorError

    try:
        if (repo / f"{name}.yaml").is_file() and any(repo.glob("*.safetensors")):
            return _load_bag(name, repo)
        files = LocalRepo(repo)
        bags = BagOnlyRepo(repo, files)
        if not bags.has_model(name):
            bags = BagOnlyRepo(REMOTE_ROOT, files)
        return AnyModelRepo(files, bags).get_model(name)
    except (
        OSError,
        ModelLoadingError,
        RuntimeError,
        pickle.UnpicklingError,
        SafetensorError,
    ) as error:
        raise UnavailableError(
            f"The weights of Demucs model {name} are not usable in {repo}: {error}",
            hint=_hint(name),
        ) from error


def _load_bag(name: str, repo: Path) -> Any:
    """Return a bag of networks as the hub has it: a list of signatures and a file for each."""
    import yaml
    from demucs.apply import BagOfModels
    from demucs.hf import load_safetensors_model

    bag = yaml.safe_load((repo / f"{name}.yaml").read_text(encoding="utf-8"))
    networks = [load_safetensors_model(repo / f"{sign}.safetensors") for sign in bag["models"]]
    return BagOfModels(networks, bag.get("weights"), bag.get("segment"))


def _hint(name: str) -> str:
    try:
        return f"Leave DEMUCS_REPO empty and: {fetch_command(describe('demucs', name))}"
    except PipelineError as unknown:
        return unknown.hint
