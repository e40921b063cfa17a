#!/usr/bin/env python3
"""
Secrets: keys of services, from the environment or from a file that only its owner may read.

Usage:
    from shared.config import load_secret

    key = load_secret("TMDB_API_KEY")
"""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

from shared.core.configuration import place
from shared.core.configuration.variables import PREFIX, variable, variables
from shared.core.errors import InputError
from shared.core.files import read_json
from shared.core.redact import secrets_in_addresses

HUB_TOKEN = "HF_TOKEN"
SECRET_NAMES = ("TMDB_API_KEY", HUB_TOKEN, "LLM_API_KEY", "NOTIFY_URLS")
# A shorter one may be a word that logs are full of; in an address it is hidden all the same.
SHORTEST_IN_ADDRESS = 8
_asked: dict[str, bool] = {}


def load_secret(name: str, secrets_file: Path | None = None) -> str | None:
    """Return a secret from the environment or `config/secrets.json`, None when it is not set.

    Args:
        name: One of SECRET_NAMES.
        secrets_file: The JSON object that holds secrets; nobody but its owner may read it. None =
            secrets.json beside the global configuration.

    Raises:
        InputError: When others can read the file, it is not a JSON object of strings, or the
            secret holds what no request can carry.
    """
    secrets_file = secrets_file or place.secrets_file()
    value = _find_secret(name, secrets_file)
    if value is not None and not (value.isascii() and value.isprintable()):
        raise InputError(
            f"{name} holds a character that no key has: a letter with an accent, a line break",
            hint=f"Copy it again into {secrets_file}, or into the environment",
        )
    _asked[name] = value is not None
    return value


def secrets_present() -> dict[str, bool]:
    """Return which secrets are set, by name; a file that cannot be used holds none."""
    usable = _usable()
    return {name: name in usable for name in SECRET_NAMES}


def secret_values() -> list[str]:
    """Return the secrets that are set, the longest first, to be kept out of whatever is written."""
    whole = _usable().values()
    words = [word for secret in whole for word in secret.split()]  # several addresses in one
    return sorted({*whole, *words, *_in_addresses()}, key=len, reverse=True)


def secrets_asked() -> dict[str, bool]:
    """Return which secrets this process has asked for, and whether they were set."""
    return dict(_asked)


def _usable() -> dict[str, str]:
    """Return the secrets that are set, by name, but for those that a file holds unusably."""
    found = {}
    for name in SECRET_NAMES:
        with contextlib.suppress(InputError):
            if value := _find_secret(name, place.secrets_file()):
                found[name] = value
    return found


def _in_addresses() -> list[str]:
    """Return what is secret in the addresses of settings: TMDB_BASE_URL=https://me:key@proxy."""
    settings = place.settings_file()
    texts = list(variables().values())
    for file in (settings, settings.with_name(place.LOCAL_NAME)):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            texts.append(file.read_text(encoding="utf-8"))
    found = {secret for text in texts for secret in secrets_in_addresses(text)}
    return [secret for secret in found if len(secret) >= SHORTEST_IN_ADDRESS]


def _find_secret(name: str, secrets_file: Path) -> str | None:
    for key in (PREFIX + name, name):
        if variable(key):
            return variable(key)
    if not secrets_file.exists():
        return None
    if stat.S_IMODE(secrets_file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{secrets_file}: others may read it", hint=f"chmod 600 '{secrets_file}'")
    content = read_json(secrets_file)
    if not isinstance(content, dict):
        raise InputError(
            f"{secrets_file}: not a JSON object", hint="See config/secrets.example.json"
        )
    value = content.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{secrets_file}: {name} is not a string", hint='Write it in "quotes"')
    return value or None
