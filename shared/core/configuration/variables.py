#!/usr/bin/env python3
"""
Variables: what the environment of this process says. Standard library only.

Usage:
    from shared.core.configuration.variables import variable, variables

    visible = variable("CUDA_VISIBLE_DEVICES")
"""

from __future__ import annotations

import os


def variable(name: str) -> str | None:
    """Return an environment variable as it is set, None where it is not.

    Args:
        name: For example "CP_CONFIG".
    """
    return os.environ.get(name)


def variables() -> dict[str, str]:
    """Return a copy of the whole environment, by name."""
    return dict(os.environ)
