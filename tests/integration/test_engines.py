#!/usr/bin/env python3
"""
Engines: each engine's own tests, run with the libraries of its environment.

Those files are skipped where their libraries are missing (as in venv/common); here every one of
them must run.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager

pytestmark = pytest.mark.integration

RUNNER = PROJECT_ROOT / "tests" / "support" / "pytest_elsewhere.py"
ENGINE_TESTS = (
    ("demucs", "test_sound_engines.py"),
    ("whisperx", "test_asr_engines.py"),
)


@pytest.mark.parametrize(("environment", "name"), ENGINE_TESTS)
def test_an_engine_passes_its_tests_in_its_environment(environment: str, name: str) -> None:
    manager = EnvironmentManager()
    manager.require(environment)
    done = subprocess.run(
        [manager.python(environment), RUNNER, Path(__file__).with_name(name), "-q", "-rs"],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"\b\d+ passed", done.stdout), done.stdout[-2000:]
    assert not re.search(r"\b\d+ skipped", done.stdout), done.stdout[-2000:]
