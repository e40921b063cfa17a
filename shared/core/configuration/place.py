#!/usr/bin/env python3
"""
Place: where the files of configuration lie, and where this user's own state.

Usage:
    from shared.core.configuration.place import LOCAL_NAME, settings_file

    settings_file().with_name(LOCAL_NAME)
"""

from __future__ import annotations

import os
from pathlib import Path

from shared.core.configuration.variables import variable
from shared.core.paths import PIPELINE_ENV_FILE

CONFIG_VARIABLE = "CP_CONFIG"
# Beside the file with the global values: a user's own.
LOCAL_NAME = ".env.local"
SECRETS_NAME = "secrets.json"
STATE_VARIABLE = "XDG_STATE_HOME"


def settings_file() -> Path:
    """Return the file with the global values: the one that CP_CONFIG names, else the project's."""
    named = variable(CONFIG_VARIABLE)
    return Path(os.path.expanduser(named)) if named else PIPELINE_ENV_FILE


def secrets_file() -> Path:
    """Return the JSON file that holds secrets: it lies beside the one with the global values."""
    return settings_file().with_name(SECRETS_NAME)


def state_folder() -> Path | None:
    """Return the folder of what the program keeps for this user, None for one without a home."""
    named = variable(STATE_VARIABLE) or ""
    try:
        state = Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return state / "cp-whisperx"
