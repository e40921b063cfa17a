#!/usr/bin/env python3
"""
Collected: the values of all layers, put over each other, before they are validated.

Usage:
    from shared.core.configuration.collected import collect

    raw, remarks = collect(job_dir, {}, PIPELINE_ENV_FILE, known_keys(), os.environ)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.core.configuration.env_file import RawValue
from shared.core.configuration.layers import (
    JobLayer,
    as_given,
    read_command_line,
    read_environment_layer,
    read_job,
    read_machine_files,
    refuse_unknown,
)
from shared.core.configuration.powers import take_from_job
from shared.core.settings import PipelineConfig


def collect(
    job_dir: Path | None,
    overrides: Mapping[str, str],
    pipeline_env: Path,
    known: list[str],
    variables: Mapping[str, str],
) -> tuple[dict[str, RawValue], list[str]]:
    """Return the value of each key that some layer gives, and what is to be told of those left out.

    The job lies between the machine's files and what is above it: the environment, but for what
    `--set` gave when the job was prepared, and the command line.

    Args:
        job_dir: The job directory, None without a job.
        overrides: Values of `--set`, beside those of the running command.
        pipeline_env: The global values.
        known: Every configuration key.
        variables: The environment.

    Raises:
        InputError: A broken file, an unknown key, or a job that sets what only the machine may.
    """
    machine, job = read_machine_files(pipeline_env), read_job(job_dir)
    command_line = read_command_line() | as_given(overrides)
    for layer in (machine, job.values, command_line):
        refuse_unknown(layer, known)
    environment = read_environment_layer(variables, known)
    above = environment | command_line
    taken, remarks = take_from_job(
        job.values, job.sealed, lambda key, value: key in above or _is_same(machine, key, value)
    )
    given = {key: item for key, item in taken.items() if key in job.given}
    remarks += _overruled(environment, given.keys() - command_line.keys(), job)
    return machine | taken | environment | given | command_line, remarks


def _is_same(machine: Mapping[str, RawValue], key: str, value: Any) -> bool:
    """Return whether the machine's files give a key this value."""
    field = key.lower()
    try:
        asked = PipelineConfig.model_validate({field: value})
        here = PipelineConfig.model_validate({field: machine[key].value} if key in machine else {})
    except ValidationError:
        return False
    return bool(getattr(asked, field) == getattr(here, field))


def _overruled(
    environment: Mapping[str, RawValue], given: Iterable[str], job: JobLayer
) -> list[str]:
    return [
        f"{environment[key].origin} has no effect: --set gave {key}={job.values[key].value} when "
        f"the job was prepared. For this run: --set {key}={environment[key].value}"
        for key in sorted(given)
        if key in environment and str(environment[key].value) != str(job.values[key].value)
    ]
