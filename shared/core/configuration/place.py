#!/usr/bin/env python3
"""
Place: where the files of configuration lie.

Usage:
    from shared.core.configuration.place import settings_file

    settings_file().with_name("secrets.json")
"""

from __future__ import annotations

from pathlib import Path

from shared.core.configuration.variables import variable
from shared.core.paths import PIPELINE_ENV_FILE

CONFIG_VARIABLE = "CP_CONFIG"


def settings_file() -> Path:
    """Return the file with the global values: the one that CP_CONFIG names, else the project's."""
    named = variable(CONFIG_VARIABLE)
    return Path(named).expanduser() if named else PIPELINE_ENV_FILE
