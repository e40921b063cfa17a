#!/usr/bin/env python3
"""
Pyannote checkpoint: loads networks and pipelines of pyannote.audio as data.

Its checkpoints are pickles that name the class of their network, and its pipelines are YAML files
that name the class to run: both are held to what pyannote.audio itself defines.

Usage:
    from scripts.speech.pyannote_checkpoint import load_model, load_pipeline

    model = load_model(library, weights)
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from pathlib import Path
from typing import Any

from scripts.runtime.weights_only import require_name_in, weights_only
from shared.core.errors import UnavailableError

NETWORKS = ("pyannote.audio.models",)
PIPELINES = ("pyannote.audio.pipelines",)
HINT = "Delete these weights and fetch the published ones, or set VAD_ENGINE=silero"
# Lightning calls what a checkpoint names here.
CALLED_BY_NAME = ("_instantiator", "_class_path")


def load_model(library: Any, weights: Path) -> Any:
    """Return the network of a checkpoint.

    Args:
        library: The module pyannote.audio.
        weights: The checkpoint.

    Raises:
        UnavailableError: It holds something else than a network of pyannote.audio.
    """
    with weights_only(_classes()):
        check_checkpoint(weights)
        return library.Model.from_pretrained(str(weights))


def load_pipeline(library: Any, folder: Path, file: str) -> Any:
    """Return the pipeline of a folder.

    Args:
        library: The module pyannote.audio.
        folder: Its YAML file and the weights that it names.
        file: Name of the YAML file.

    Raises:
        UnavailableError: It holds something else than a pipeline of pyannote.audio.
    """
    import yaml

    try:
        settings = yaml.safe_load((folder / file).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UnavailableError(f"{folder / file} is no description", hint=HINT) from error
    require_name_in(settings["pipeline"]["name"], PIPELINES, folder / file)
    if "preprocessors" in settings:
        raise UnavailableError(f"{folder / file} brings steps of its own", hint=HINT)
    with weights_only(_classes()):
        for weights in sorted(folder.rglob("*.bin")):
            check_checkpoint(weights)
        return library.Pipeline.from_pretrained(folder)


def check_checkpoint(weights: Path) -> None:
    """Refuse a checkpoint that would run something; call it inside weights_only.

    Args:
        weights: The checkpoint.

    Raises:
        UnavailableError: It holds something else than a network of pyannote.audio.
    """
    import torch

    try:
        content = torch.load(weights, map_location="cpu", weights_only=True)
        architecture = content["pyannote.audio"]["architecture"]
        name = f"{architecture['module']}.{architecture['class']}"
        named = [key for key in CALLED_BY_NAME if key in content.get("hyper_parameters", {})]
    except pickle.UnpicklingError as error:
        raise UnavailableError(
            f"{weights} holds more than weights, and is not loaded", hint=HINT
        ) from error
    except (RuntimeError, EOFError, LookupError, TypeError, AttributeError) as error:
        raise UnavailableError(f"{weights} is no pyannote checkpoint", hint=HINT) from error
    require_name_in(name, NETWORKS, weights)
    if named:
        raise UnavailableError(f"{weights} names code to be called ({named[0]})", hint=HINT)


def _classes() -> list[Any]:
    """Return what a checkpoint of pyannote.audio consists of, beside tensors and plain values."""
    from omegaconf.base import ContainerMetadata, Metadata
    from omegaconf.dictconfig import DictConfig
    from omegaconf.listconfig import ListConfig
    from omegaconf.nodes import AnyNode
    from pyannote.audio.core.model import Introspection
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from torch.torch_version import TorchVersion

    settings = [ContainerMetadata, Metadata, DictConfig, ListConfig, AnyNode, defaultdict]
    facts = [Introspection, Problem, Resolution, Specifications, TorchVersion]
    return [*settings, *facts, Any, dict, list, int]
