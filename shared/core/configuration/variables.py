#!/usr/bin/env python3
"""
Variables: what the environment of this process says. Standard library only.

Usage:
    from shared.core.configuration.variables import variable, variables

    visible = variable("CUDA_VISIBLE_DEVICES")
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

# In front of any parameter's name in the environment, where short names are everybody's.
PREFIX = "CP_"
# A pickle is a program. torch.load, whoever calls it, takes tensors and plain values only.
WEIGHTS_ONLY = {"TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "0"}


def variable(name: str) -> str | None:
    """Return an environment variable as it is set, None where it is not.

    Args:
        name: For example "CP_CONFIG".
    """
    return os.environ.get(name)


def variables() -> dict[str, str]:
    """Return a copy of the whole environment, by name."""
    return dict(os.environ)


def set_unless_set(name: str, value: str) -> None:
    """Set a variable for a library of this process, unless the user has set it.

    Args:
        name: What the library reads when it is loaded.
        value: What it is to find.
    """
    os.environ.setdefault(name, value)


@contextmanager
def variables_set(values: Mapping[str, str]) -> Iterator[None]:
    """Give environment variables of this process other values for a while.

    Args:
        values: Name to value.
    """
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def forget(names: Iterable[str]) -> None:
    """Take variables out of the environment of this process and of those that it starts.

    Args:
        names: Of variables; some may not be set.
    """
    for name in names:
        os.environ.pop(name, None)
