#!/usr/bin/env python3
"""Tests of shared/pipeline/run/interrupt.py: whose signals end whom."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.run.interrupt import HURRY_SECONDS

FORKS = f"""
import os, signal, time
from shared.pipeline.run.interrupt import heed_signals, stop_of_signals
heed_signals()
for _ in range(3):
    child = os.fork()
    if child == 0:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
        except KeyboardInterrupt:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
time.sleep({HURRY_SECONDS} + 0.3)
assert not stop_of_signals().is_asked
"""


@pytest.mark.slow
def test_signals_of_forked_children_do_not_end_their_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKS], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
