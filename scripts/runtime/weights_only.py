#!/usr/bin/env python3
"""
Weights only: files of weights are read as data; a pickle that would run something is refused.

A checkpoint of torch is a pickle, and a pickle is a program. Stages run with torch's own switch for
that (stage_environment); this holds it also where a library asks for the opposite and for processes
that are no stage, and names the classes that a library's checkpoints are made of.

Usage:
    from scripts.runtime.weights_only import require_name_in, weights_only

    with weights_only([HTDemucs, Fraction]):
        network = library.load(path)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from shared.core.configuration.variables import WEIGHTS_ONLY, variables_set
from shared.core.errors import UnavailableError

SUSPECT = "These weights are not what they seem: delete them, fetch the published ones"


@contextmanager
def weights_only(classes: Sequence[Any] = ()) -> Iterator[None]:
    """Have torch.load, whoever calls it, take tensors, plain values and a few classes only.

    Args:
        classes: What the files may hold besides.
    """
    import torch

    with variables_set(WEIGHTS_ONLY), torch.serialization.safe_globals(list(classes)):
        yield


def require_name_in(name: Any, modules: Sequence[str], source: object) -> None:
    """Refuse weights that name code of another place than they may.

    Args:
        name: The dotted name of a class, from the file.
        modules: Where it may lie: names of modules or packages.
        source: The file, for the message.

    Raises:
        UnavailableError: It lies elsewhere.
    """
    text = str(name)
    if not any(text.startswith(f"{module}.") for module in modules):
        raise UnavailableError(
            f"{source} asks for {text[:100]}, which lies outside {', '.join(modules)}",
            hint=SUSPECT,
        )
