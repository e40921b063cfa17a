#!/usr/bin/env python3
"""
Demucs weights: finds a Demucs model in a folder, in the hub's cache or on the model hub.

Belongs to demucs_integration, which alone uses it. Never waits long for a network that is not
there, and when the weights are missing says which file to fetch and where to put it.

Usage:
    from scripts.demucs_weights import load_network

    network = load_network("htdemucs", Path("models/demucs"))
"""

from __future__ import annotations

import pickle
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from shared.core.errors import InputError, UnavailableError

HUB_PROBE_SECONDS = 6.0
# Sizes of the published weights in megabytes, for the message when they are missing.
WEIGHT_MEGABYTES = {"htdemucs": 84, "htdemucs_ft": 336, "htdemucs_6s": 55}


def load_network(name: str, repo: Path | None) -> Any:
    """Return the model from a folder, or from the hub and its cache.

    Raises:
        InputError: No such model.
        UnavailableError: The weights are not there, broken, or out of reach.
    """
    from demucs.pretrained import REMOTE_ROOT
    from demucs.repo import AnyModelRepo, BagOnlyRepo, LocalRepo, ModelLoadingError

    if repo is None:
        return _load_from_hub(name)
    try:
        files = LocalRepo(repo)
        bags = BagOnlyRepo(repo, files)
        if not bags.has_model(name):
            bags = BagOnlyRepo(REMOTE_ROOT, files)
        return AnyModelRepo(files, bags).get_model(name)
    except (OSError, ModelLoadingError, RuntimeError, pickle.UnpicklingError) as error:
        raise _missing(name, f"usable in {repo}: {error}") from error


def _load_from_hub(name: str) -> Any:
    """Return a bag of models from the hub's cache, else from the hub itself when it answers."""
    from demucs.apply import BagOfModels
    from demucs.hf import DEFAULT_NAMESPACE, hf_repo_name, load_safetensors_model
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    def load(cached: bool) -> Any:
        def file(path: str) -> str:
            repo_id = f"{DEFAULT_NAMESPACE}/{hf_repo_name(name)}"
            return str(hf_hub_download(repo_id, path, local_files_only=cached))

        bag = yaml.safe_load(Path(file(f"{name}.yaml")).read_text(encoding="utf-8"))
        models = [load_safetensors_model(file(f"{sign}.safetensors")) for sign in bag["models"]]
        return BagOfModels(models, bag.get("weights"), bag.get("segment"))

    import yaml

    if name not in _published():
        raise InputError(f"No Demucs model {name}", hint=f"Known: {', '.join(_published())}")
    try:
        return load(cached=True)
    except LocalEntryNotFoundError:
        pass
    if not _hub_answers():
        raise _missing(name, "here, and the model hub does not answer")
    try:
        return load(cached=False)
    except (OSError, HfHubHTTPError) as error:
        raise _missing(name, f"here and cannot be fetched: {error}") from error


def _hub_answers() -> bool:
    """Tell within seconds whether the hub can be reached; resolvers may hang for minutes."""
    from huggingface_hub import constants

    answers: list[bool] = []

    def probe() -> None:
        request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
        try:
            with urllib.request.urlopen(request, timeout=HUB_PROBE_SECONDS):
                answers.append(True)
        except urllib.error.HTTPError:
            answers.append(True)
        except OSError:
            pass

    if constants.HF_HUB_OFFLINE:
        return False
    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(HUB_PROBE_SECONDS)
    return bool(answers)


def _published() -> dict[str, list[str]]:
    """Return the published models, each with the addresses of its weight files."""
    import yaml
    from demucs.pretrained import REMOTE_ROOT, _parse_remote_files

    addresses = _parse_remote_files(REMOTE_ROOT / "files.txt")
    bags = {path.stem: yaml.safe_load(path.read_text()) for path in REMOTE_ROOT.glob("*.yaml")}
    return {
        name: [addresses[sign] for sign in bag["models"] if sign in addresses]
        for name, bag in sorted(bags.items())
    }


def _missing(name: str, where: str) -> UnavailableError:
    """Return the error that tells how to get the weights of a model."""
    addresses = _published().get(name, [])
    size = f" ({WEIGHT_MEGABYTES[name]} MB)" if name in WEIGHT_MEGABYTES else ""
    fetch = " ".join(f"-O {address}" for address in addresses) or f"-O <address of {name}>"
    return UnavailableError(
        f"The weights of Demucs model {name}{size} are not {where}",
        hint=f"mkdir -p models/demucs && cd models/demucs && curl -L {fetch}",
    )
