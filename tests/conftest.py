#!/usr/bin/env python3
"""
What holds for every test run: its own configuration, who runs where, and coverage inside the
stages' environments.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from shared.config import CONFIG_VARIABLE, OWN_VARIABLES, known_keys
from shared.core.configuration.layers import PREFIX
from shared.environment_manager import EnvironmentManager

COVERAGE_HOOK = "cp_coverage.pth"
ENGINE_ENVIRONMENTS = ("whisperx", "pyannote", "demucs")
# How coverage tells child processes that they are measured.
MEASURED = {"COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"}


# Tests bring their own configuration: neither the user's files nor the shell's settings count.
for key in known_keys():
    for variable in (key, PREFIX + key):
        os.environ.pop(variable, None)
for variable in OWN_VARIABLES:
    os.environ.pop(variable, None)
os.environ[CONFIG_VARIABLE] = str(Path(__file__).parent / "fixtures" / "config" / ".env.pipeline")

# A run started in the background ignores Ctrl-C, and so would every program that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine under load is no failure; fifty examples keep the unit tests under a minute.
settings.register_profile("suite", deadline=None, max_examples=50)
settings.register_profile("deep", deadline=None, max_examples=5000)
settings.load_profile("suite")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Measure coverage in the engines' environments too, when it is measured at all."""
    common = EnvironmentManager().folder("common")
    if _is_leader(session) and Path(sys.prefix) == common and MEASURED & os.environ.keys():
        tools = _packages("common")
        code = (
            f"import os, sys; {MEASURED!r} & os.environ.keys() and "
            f"(sys.path.append({str(tools)!r}), "
            "__import__('coverage').process_startup(), sys.path.pop())\n"
        )
        for name in ENGINE_ENVIRONMENTS:
            (_packages(name) / COVERAGE_HOOK).write_text(code, encoding="utf-8")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the engines' environments as they were."""
    if _is_leader(session) and Path(sys.prefix) == EnvironmentManager().folder("common"):
        for name in ENGINE_ENVIRONMENTS:
            if EnvironmentManager().folder(name).is_dir():
                (_packages(name) / COVERAGE_HOOK).unlink(missing_ok=True)


def _is_leader(session: pytest.Session) -> bool:
    """Return whether this is the process that the others work for."""
    return not hasattr(session.config, "workerinput")


def _packages(environment: str) -> Path:
    """Return the package folder of an environment."""
    return next(EnvironmentManager().folder(environment).glob("lib/python3.*/site-packages"))
