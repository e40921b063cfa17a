#!/usr/bin/env python3
"""
Layers: where configuration values come from, before they are validated.

Later layers win (standards 3.1): `config/.env.pipeline` (in git), `config/.env.local` beside it (a
user's own, not in git), the "config" object of `job.json`, `.job-*.env` in the job directory, the
environment. A key that no parameter has is refused in a file; in the environment, which belongs to
every program, one that looks like a parameter is told as a warning.

Usage:
    from shared.core.configuration.layers import read_file_layers

    raw = read_file_layers(PIPELINE_ENV_FILE, job_dir)
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.core.configuration.env_file import Origin, RawValue, read_env_file
from shared.core.errors import InputError, nearest
from shared.core.files import read_json

LOCAL_NAME = ".env.local"
# In front of any parameter's name in the environment, where short names are everybody's.
PREFIX = "CP_"
DECLARED_IN = "shared/core/settings.py"
HOW_TO_DECLARE = (
    f"docs/CONFIGURATION.md lists every key; a parameter of your own is declared in {DECLARED_IN}"
)
# So alike that it is a slip: WHISPER_MODLE, but not OMP_NUM_THREADS for NUM_THREADS.
SLIP = 0.88
SHORTEST_SLIP = 8


def read_file_layers(pipeline_env: Path, job_dir: Path | None) -> dict[str, RawValue]:
    """Return the values that files give, by key, later layers over earlier ones.

    Args:
        pipeline_env: The global values; `.env.local` beside it lies over them.
        job_dir: The job directory, None without a job.

    Raises:
        InputError: A file is missing or broken.
    """
    raw = read_env_file(pipeline_env)
    local = pipeline_env.with_name(LOCAL_NAME)
    if local.is_file():
        raw |= read_env_file(local)
    if job_dir is not None:
        raw |= _read_job_layer(job_dir / "job.json")
        for path in sorted(job_dir.glob(".job-*.env")):
            raw |= read_env_file(path)
    return raw


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
        for name in (key, PREFIX + key):
            if name in variables:
                raw[key] = RawValue(variables[name], Origin(f"environment variable {name}", 0))
    return raw


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


def lookalikes(variables: Iterable[str], known: list[str], ours: Iterable[str]) -> list[str]:
    """Return a warning for each environment variable that looks like a parameter and is none.

    Args:
        variables: Names of environment variables.
        known: Every name that has its effect.
        ours: Names with PREFIX that are no parameters: what the program tells its own processes.
    """
    told = []
    for name in sorted(set(variables) - set(known) - set(ours)):
        key = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and key not in known:
            told.append(f"environment variable {name}: {nearest(key, known) or HOW_TO_DECLARE}")
        elif not name.startswith(PREFIX) and _is_slip(name, known):
            told.append(f"environment variable {name} has no effect. {nearest(name, known)}")
    return told


def _is_slip(name: str, known: list[str]) -> bool:
    if len(name) < SHORTEST_SLIP or "_" not in name:
        return False
    return bool(difflib.get_close_matches(name, known, n=1, cutoff=SLIP))


def _read_job_layer(path: Path) -> dict[str, RawValue]:
    if not path.exists():
        return {}
    content = read_json(path)
    values = content.get("config", {}) if isinstance(content, dict) else None
    if not isinstance(values, dict):
        raise InputError(f'{path}: "config" is not an object', hint="Prepare the job again")
    lines = path.read_text(encoding="utf-8").splitlines()
    return {
        key: RawValue(value, Origin(str(path), _line_of_key(lines, key)))
        for key, value in values.items()
    }


def _line_of_key(lines: list[str], key: str) -> int:
    quoted = json.dumps(key) + ":"
    return next((n for n, line in enumerate(lines, 1) if quoted in line.replace('" :', '":')), 0)
