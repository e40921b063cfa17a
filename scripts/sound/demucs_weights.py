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
from fractions import Fraction
from pathlib import Path
from typing import Any

from scripts.runtime.weights_only import SUSPECT, weights_only
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
    from demucs.repo import ModelLoadingError
    from safetensors import SafetensorError
    from yaml import YAMLError

    try:
        with weights_only([*networks(), Fraction]):
            return _load(name, repo)
    except pickle.UnpicklingError as error:
        raise UnavailableError(
            f"The weights of Demucs model {name} in {repo} hold more than weights: not loaded",
            hint=_hint(name),
        ) from error
    except (OSError, ModelLoadingError, RuntimeError, SafetensorError, YAMLError) as error:
        raise UnavailableError(
            f"The weights of Demucs model {name} are not usable in {repo}: {error}",
            hint=_hint(name),
        ) from error


def networks() -> list[Any]:
    """Return the classes of network that weights of Demucs may be of."""
    from demucs.demucs import Demucs
    from demucs.hdemucs import HDemucs
    from demucs.htdemucs import HTDemucs

    return [Demucs, HDemucs, HTDemucs]


def _load(name: str, repo: Path) -> Any:
    from demucs.pretrained import REMOTE_ROOT
    from demucs.repo import AnyModelRepo, BagOnlyRepo, LocalRepo

    if (repo / f"{name}.yaml").is_file() and any(repo.glob("*.safetensors")):
        return _load_bag(name, repo)
    files = LocalRepo(repo)
    bags = BagOnlyRepo(repo, files)
    if not bags.has_model(name):
        bags = BagOnlyRepo(REMOTE_ROOT, files)
    return AnyModelRepo(files, bags).get_model(name)


def _load_bag(name: str, repo: Path) -> Any:
    """Return a bag of networks as the hub has it: a list of signatures and a file for each."""
    import yaml
    from demucs.apply import BagOfModels
    from demucs.hf import load_safetensors_model

    bag = yaml.safe_load((repo / f"{name}.yaml").read_text(encoding="utf-8"))
    files = [repo / f"{signature}.safetensors" for signature in bag["models"]]
    for file in files:
        _check_code(file)
    return BagOfModels(
        [load_safetensors_model(file) for file in files], bag.get("weights"), bag.get("segment")
    )


def _check_code(file: Path) -> None:
    """Refuse a file whose description names other code than Demucs': demucs calls what it names."""
    from safetensors import safe_open

    with safe_open(str(file), framework="pt") as opened:
        facts = opened.metadata() or {}
    allowed = {f"{network.__module__}.{network.__name__}" for network in networks()}
    if facts.get("klass") not in allowed or "_class" in facts.get("structure", ""):
        raise UnavailableError(
            f"{file} asks for {facts.get('klass')}, which is no network of Demucs",
            hint=SUSPECT,
        )


def _hint(name: str) -> str:
    try:
        return f"Leave DEMUCS_REPO empty and: {fetch_command(describe('demucs', name))}"
    except PipelineError as unknown:
        return unknown.hint
