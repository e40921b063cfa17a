#!/usr/bin/env python3
"""
Tune recognition: the tool hears with the real engine, and keeps nothing where it is only tried.

Usage:
    pytest tests/integration/test_tune_recognition.py
"""

from __future__ import annotations

import re
import subprocess

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import CACHE_FILE


@pytest.mark.environments("whisperx")
def test_the_fastest_batch_is_told() -> None:
    before = CACHE_FILE.read_bytes() if CACHE_FILE.is_file() else None
    python = str(EnvironmentManager().python("whisperx"))
    command = [python, "tools/tune_recognition.py", "--dry-run", "--model", "base"]
    command += ["--device", "cpu", "--batches", "1,2", "--threads", "1", "--windows", "2"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *measured, fastest = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in measured] == [
        "batch 1, threads 1",
        "batch 2, threads 1",
    ]
    assert all(float(line.split()[-4]) > 0 for line in measured)
    assert re.fullmatch(r"Fastest: batch [12], threads 1", fastest)
    assert (CACHE_FILE.read_bytes() if CACHE_FILE.is_file() else None) == before
