#!/usr/bin/env python3
"""
Layers: where configuration values come from, before they are validated.

Later layers win (standards 3.1): `config/.env.pipeline` (in git), `config/.env.local` beside it (a
user's own, not in git), the "config" object of `job.json`, `.job-*.env` in the job directory, the
environment, and above all `--set` of the command line: of this one, or of the one that prepared the
job. A key that no parameter has is refused in a file; in the environment, which belongs to every
program, one that looks like a parameter is told as a warning.

A variable of the environment is the key with CP_ in front. Keys that the standards name are taken
without it, too, where they hold what the key takes: many programs read such names, each with values
of its own.

Usage:
    from shared.core.configuration.layers import read_machine_files, read_job

    raw = read_machine_files(PIPELINE_ENV_FILE)
    job = read_job(job_dir)
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.core.configuration.env_file import Origin, RawValue, read_env_file
from shared.core.configuration.place import LOCAL_NAME
from shared.core.configuration.variables import PREFIX, variable
from shared.core.errors import InputError, nearest
from shared.core.files import read_json

# The standards' own names: 3.3, 3.4, 3.5 and 5.1 (config.debug, PipelineLogger's log_level).
STANDARD_NAMES = frozenset(
    "BATCH_SIZE DEBUG DEVICE GLOSSARY_ENABLED LOG_LEVEL WHISPER_MODEL WHISPER_TEMPERATURE".split()
)
# What the command line gave, for the command's own processes.
SETTINGS_VARIABLE = "CP_SET"
COMMAND_LINE = Origin("--set", 0)
DECLARED_IN = "shared/core/settings.py"
HOW_TO_DECLARE = (
    f"docs/CONFIGURATION.md lists every key; a parameter of your own is declared in {DECLARED_IN}"
)
# So alike that it is a slip: WHISPER_MODLE, but not OMP_NUM_THREADS for NUM_THREADS.
SLIP = 0.88
SHORTEST_SLIP = 8
KEY = re.compile(r'"([^"\\]+)"\s*:')


@dataclass(frozen=True)
class JobLayer:
    """What a job says.

    `values`: by key, `.job-*.env` over job.json. `given`: keys that `--set` gave when the job was
    prepared, which no `.job-*.env` has taken over. `sealed`: key to seal of what was given here.
    """

    values: dict[str, RawValue] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    sealed: dict[str, str] = field(default_factory=dict)


def read_machine_files(pipeline_env: Path) -> dict[str, RawValue]:
    """Return the values that the machine's files give, by key, later layers over earlier ones.

    Args:
        pipeline_env: The global values; `.env.local` beside it lies over them.

    Raises:
        InputError: A file is missing or broken.
    """
    raw = read_env_file(pipeline_env)
    local = pipeline_env.with_name(LOCAL_NAME)
    if local.is_file():
        raw |= read_env_file(local)
    return raw


def read_job(job_dir: Path | None) -> JobLayer:
    """Return what a job says.

    Args:
        job_dir: The job directory, None without a job.

    Raises:
        InputError: A file is broken.
    """
    if job_dir is None:
        return JobLayer()
    layer = _read_job_json(job_dir / "job.json")
    over: dict[str, RawValue] = {}
    for path in sorted(job_dir.glob(".job-*.env")):
        over |= read_env_file(path)
    return JobLayer(layer.values | over, layer.given - over.keys(), layer.sealed)


def read_environment_layer(
    variables: Mapping[str, str], known: Iterable[str]
) -> dict[str, RawValue]:
    """Return the values that environment variables give; CP_KEY stands over KEY.

    Args:
        variables: The environment.
        known: Every configuration key.
    """
    raw: dict[str, RawValue] = {}
    for key in known:
        for name in (key, PREFIX + key) if key in STANDARD_NAMES else (PREFIX + key,):
            if name in variables:
                raw[key] = RawValue(variables[name], Origin(f"environment variable {name}", 0))
    return raw


def read_command_line() -> dict[str, RawValue]:
    """Return what `--set` of the running command gave.

    Raises:
        InputError: The variable that carries it was tampered with.
    """
    text = variable(SETTINGS_VARIABLE) or "{}"
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise InputError(
            f"environment variable {SETTINGS_VARIABLE} is not what this program wrote",
            hint=f"unset {SETTINGS_VARIABLE}; settings are given as {PREFIX}KEY, or with --set",
        )
    return as_given(values)


def as_given(values: Mapping[str, Any]) -> dict[str, RawValue]:
    """Return values of a command line with their origin.

    Args:
        values: Key to value.
    """
    return {key: RawValue(value, COMMAND_LINE) for key, value in values.items()}


def refuse_unknown(raw: Mapping[str, RawValue], known: list[str]) -> None:
    """Refuse keys that no parameter has.

    Args:
        raw: Values of files and of the command line, by key.
        known: Every configuration key.

    Raises:
        InputError: Names file, line and the nearest key, or where a parameter is declared.
    """
    for key, item in raw.items():
        if key not in known:
            raise InputError(
                f"{item.origin}: unknown key {key}", hint=nearest(key, known) or HOW_TO_DECLARE
            )


def lookalikes(
    variables: Iterable[str], known: list[str], ours: Iterable[str], bare: Iterable[str]
) -> list[str]:
    """Return a warning for each environment variable that looks like a parameter and is none.

    Args:
        variables: Names of environment variables.
        known: Every configuration key and every secret.
        ours: Names with PREFIX that are no parameters: what the program tells its own processes.
        bare: Names that have their effect without PREFIX.
    """
    told = []
    names = set(variables)
    for name in sorted(names - set(bare) - set(ours)):
        key = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and key not in known:
            told.append(f"environment variable {name}: {nearest(key, known) or HOW_TO_DECLARE}")
        elif name in known and PREFIX + name not in names:
            told.append(f"environment variable {name} has no effect. {PREFIX}{name} is the name")
        elif name not in known and not name.startswith(PREFIX) and _is_slip(name, known):
            told.append(f"environment variable {name} has no effect. {nearest(name, known)}")
    return told


def _is_slip(name: str, known: list[str]) -> bool:
    if len(name) < SHORTEST_SLIP or "_" not in name:
        return False
    return bool(difflib.get_close_matches(name, known, n=1, cutoff=SLIP))


def _read_job_json(path: Path) -> JobLayer:
    if not path.exists():
        return JobLayer()
    content = read_json(path)
    values = content.get("config", {}) if isinstance(content, dict) else None
    if not isinstance(values, dict):
        raise InputError(f'{path}: "config" is not an object', hint="Prepare the job again")
    lines = _lines_of_keys(path.read_text(encoding="utf-8")) if values else {}
    given, sealed = content.get("given", []), content.get("sealed", {})
    return JobLayer(
        {
            key: RawValue(value, Origin(str(path), lines.get(key, 0)))
            for key, value in values.items()
        },
        frozenset(map(str, given)) & values.keys() if isinstance(given, list) else frozenset(),
        sealed if isinstance(sealed, dict) else {},
    )


def _lines_of_keys(text: str) -> dict[str, int]:
    """Return the line on which each key of a JSON text first stands, all in one reading."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for match in KEY.finditer(line):
            found.setdefault(match[1], number)
    return found
