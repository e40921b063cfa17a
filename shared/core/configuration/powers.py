#!/usr/bin/env python3
"""
Powers: which settings a job may bring along, and which only this machine's user gives.

A job directory is data, like a film: it may have been handed over. Its job.json and `.job-*.env`
decide how the film is treated. What reaches further (addresses that keys are sent to, folders of
weights, files to be read, limits) comes from the machine's files, its environment or a command
line. What `--set` gave when the job was prepared here counts as that, by its seal
(shared/core/configuration/seal.py). A power that the machine has given all the same is no matter.

Usage:
    from shared.core.configuration.powers import take_from_job

    values, remarks = take_from_job(layers, sealed, is_same)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from shared.core.configuration.env_file import RawValue
from shared.core.configuration.seal import is_sealed
from shared.core.errors import InputError
from shared.core.settings import PipelineConfig, Scope

# A name of the catalogue: no folder, no file, no repository of the hub.
BARE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
ON_THE_COMMAND_LINE = "./run-pipeline.sh WORKFLOW JOB_DIR --set {key}=…"


def scope_of(key: str) -> Scope:
    """Return who may set a parameter.

    Args:
        key: A configuration key.
    """
    extra = PipelineConfig.model_fields[key.lower()].json_schema_extra
    assert isinstance(extra, dict)
    scope: Scope = extra["scope"]  # type: ignore[assignment]
    return scope


def is_power(key: str, value: Any) -> bool:
    """Return whether a job may not bring a value along by itself.

    Args:
        key: A configuration key.
        value: As a file holds it.
    """
    scope = scope_of(key)
    if scope == "name":
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, list):
            return True
        given = [name for name in names if name != ""]
        return not all(isinstance(n, str) and BARE_NAME.fullmatch(n.strip()) for n in given)
    return scope != "job"


def take_from_job(
    layer: Mapping[str, RawValue],
    sealed: Mapping[str, str],
    is_same: Callable[[str, Any], bool],
) -> tuple[dict[str, RawValue], list[str]]:
    """Return what a job's values may decide, and a line for each that is left out.

    Args:
        layer: The job's values by key; every key is known.
        sealed: Key to seal, from job.json.
        is_same: Whether the machine gives this key that value anyway, or one that stands above it.

    Raises:
        InputError: A power that would change what is done, not only how long it may take; names
            the key and the file.
    """
    taken, remarks = {}, []
    for key, item in layer.items():
        if not is_power(key, item.value) or is_sealed(key, item.value, sealed):
            taken[key] = item
        elif not is_same(key, item.value):
            if scope_of(key) != "limit":
                raise InputError(
                    f"{item.origin}: {key}={item.value}: {_why_not(key)}",
                    hint=f"Is it yours? Then: {ON_THE_COMMAND_LINE.format(key=key)}, or write it "
                    "into config/.env.local; else remove it there",
                )
            remarks.append(
                f"{item.origin}: {key}={item.value} is left out: it is a limit of this machine, "
                f"not of a job. {ON_THE_COMMAND_LINE.format(key=key)} gives it"
            )
    return taken, remarks


def _why_not(key: str) -> str:
    if scope_of(key) == "name":
        return "a job that was not prepared here may name a model, not a folder or a repository"
    return "this is for the machine to set, not for a job that was not prepared here"
