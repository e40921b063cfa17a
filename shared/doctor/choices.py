#!/usr/bin/env python3
"""
Choices: what the configuration says of engines, and the weights that are here, for the checks.

Usage:
    from shared.doctor.choices import find_weights, read_choices

    choices, findings = read_choices()
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from shared.core.errors import PipelineError
from shared.doctor.engines import Choices
from shared.doctor.finding import Finding


def read_choices() -> tuple[Choices, list[Finding]]:
    """Return what the configuration says; when it cannot be read, the defaults and why."""
    from shared.config import load_config

    try:
        config = load_config().model_dump()
    except PipelineError as error:
        return Choices(), [Finding("configuration", "missing", error.cause, error.hint)]
    names = {field.name for field in fields(Choices)}
    chosen = {name: value for name, value in config.items() if name in names}
    return Choices(**chosen), [Finding("configuration", "good", "read and valid")]


def find_weights(family: str, name: str) -> Path | None:
    """Return the folder of a model, None when it is not here or not known by that name.

    Args:
        family: The model's engine, as in the model store.
        name: The model's name there.
    """
    from shared.models.store import find_model

    try:
        return find_model(family, name)
    except PipelineError:
        return None
