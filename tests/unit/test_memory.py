#!/usr/bin/env python3
"""Tests of shared/core/machine/memory.py: a real process that asks for more than it may have."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.core.paths import PROJECT_ROOT

PROGRAM = """
from shared.core.machine.memory import limit_memory
limit_memory({limit})
block = bytearray({asked} << 20)
block[::4096] = b"x" * len(block[::4096])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds the limit")
@pytest.mark.parametrize(
    ("limit", "asked", "fails"), [(300, 600, True), (900, 200, False), (0, 600, False)]
)
def test_a_process_gets_no_more_than_its_limit(limit: int, asked: int, fails: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(limit=limit, asked=asked)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    assert ("MemoryError" in done.stderr) == fails


LAST_WORDS = """
from shared.core.machine.memory import lift_memory_limit, limit_memory
limit_memory(200)
try:
    bytearray(600 << 20)
except MemoryError:
    lift_memory_limit()
    print(len(bytearray(600 << 20)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds the limit")
def test_a_process_that_failed_has_memory_for_its_last_words() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LAST_WORDS], cwd=PROJECT_ROOT, capture_output=True, check=False
    )
    assert done.stdout.split() == [b"629145600"], done.stderr
