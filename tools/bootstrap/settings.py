#!/usr/bin/env python3
"""
Settings: makes uv install from where the user told pip to.

pip's settings (environment variables and configuration files) are translated into uv's variables;
whatever the user set for uv itself wins. The only place of bootstrap that reads the environment.

Usage:
    from tools.bootstrap.settings import base_environment, read_pip_settings, uv_settings

    base = base_environment()
    variables = {**base, **uv_settings(base, read_pip_settings(python, base), uv_file_keys(base))}
"""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from shared.core.configuration.variables import variables

# These point uv or pip at another environment than the one that is being made, or keep Python
# from writing what it compiled.
MISLEADING = (
    "VIRTUAL_ENV CONDA_PREFIX PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_USER "
    "UV_PYTHON UV_SYSTEM_PYTHON UV_BREAK_SYSTEM_PACKAGES UV_PROJECT UV_PROJECT_ENVIRONMENT "
    "UV_TORCH_BACKEND UV_TARGET UV_PREFIX PYTHONDONTWRITEBYTECODE"
).split()
# uv's variables and its file's keys that say where packages come from.
INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")
INDEX_KEYS = ("index", "index-url", "extra-index-url")
# pip's option, uv's variable, uv's key in its file.
PLAIN = (
    ("cert", "SSL_CERT_FILE", ""),
    ("client-cert", "SSL_CLIENT_CERT", ""),
    ("proxy", "ALL_PROXY", ""),
    ("timeout", "UV_HTTP_TIMEOUT", ""),
    ("retries", "UV_HTTP_RETRIES", ""),
)
LISTS = (
    ("find-links", "UV_FIND_LINKS", "find-links", ","),
    ("trusted-host", "UV_INSECURE_HOST", "allow-insecure-host", " "),
)
TRUE_WORDS = ("1", "true", "yes", "on", "y", "t")


def base_environment() -> dict[str, str]:
    """Return this process's environment without what would mislead the installers."""
    return {name: value for name, value in variables().items() if name not in MISLEADING}


def read_pip_settings(python: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return pip's settings as it merges them itself: option name to value.

    Args:
        python: A Python that has pip.
        environment: The environment to ask it in.

    Returns:
        Options without their section: the environment wins over [install], that over [global].
    """
    result = subprocess.run(
        [str(python), "-m", "pip", "config", "list", "--disable-pip-version-check"],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return parse_pip_config(result.stdout)


def parse_pip_config(listing: str) -> dict[str, str]:
    """Read the lines of `pip config list`: section.option='value'.

    Args:
        listing: The command's output; lines of another form are passed over.

    Returns:
        Option to value; [install] goes before [global], the environment before both.
    """
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listing.splitlines():
        name, equals, literal = line.partition("=")
        section, _, option = name.strip().partition(".")
        if equals and section in sections and literal[:1] in "'\"":
            sections[section][option] = str(ast.literal_eval(literal))
    merged = {**sections["global"], **sections["install"], **sections[":env:"]}
    if "default-timeout" in merged:
        merged.setdefault("timeout", merged["default-timeout"])
    return merged


def uv_file_keys(environment: Mapping[str, str]) -> set[str]:
    """Return the keys that the user or the system set in a uv.toml.

    Args:
        environment: Where XDG_CONFIG_HOME, HOME and UV_CONFIG_FILE are looked up.
    """
    home = environment.get("HOME", "")
    user = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    candidates = [f"{user}/uv/uv.toml", "/etc/uv/uv.toml", environment.get("UV_CONFIG_FILE", "")]
    keys: set[str] = set()
    for name in filter(None, candidates):
        try:
            document = tomllib.loads(Path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        keys |= set(document) | set(document.get("pip", {}))
    return keys


def uv_settings(
    environment: Mapping[str, str], pip: Mapping[str, str], file_keys: Collection[str] = ()
) -> dict[str, str]:
    """Return the variables that make uv do what pip was told to.

    Args:
        environment: The user's environment; a variable of uv's own in it is never replaced.
        pip: pip's settings, option name to value.
        file_keys: Keys of the user's uv.toml, never overruled either.
    """
    wanted = _index_settings(environment, pip, file_keys)
    for option, variable, key in PLAIN:
        if pip.get(option) and key not in file_keys:
            wanted[variable] = pip[option]
    for option, variable, key, separator in LISTS:
        if pip.get(option) and key not in file_keys:
            wanted[variable] = separator.join(pip[option].split())
    if pip.get("no-index", "").lower() in TRUE_WORDS and "no-index" not in file_keys:
        wanted["UV_NO_INDEX"] = "true"
    return {name: value for name, value in wanted.items() if not environment.get(name)}


def _index_settings(
    environment: Mapping[str, str], pip: Mapping[str, str], file_keys: Collection[str]
) -> dict[str, str]:
    """Return the variables for the indexes, or none where the user chose uv's own."""
    chosen = any(environment.get(name) for name in INDEX_VARIABLES)
    if chosen or any(key in file_keys for key in INDEX_KEYS):
        return {}
    wanted: dict[str, str] = {}
    if pip.get("index-url"):
        wanted["UV_DEFAULT_INDEX"] = pip["index-url"].strip()
    if pip.get("extra-index-url"):
        wanted["UV_INDEX"] = " ".join(pip["extra-index-url"].split())
        # pip takes the best version of any index; uv would stop at the first that has the name.
        wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return wanted
