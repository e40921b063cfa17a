#!/usr/bin/env python3
"""Tests of shared/pipeline/stage/tree.py with real processes; see also test_process.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shared.pipeline.stage.tree import descendants, memory_of

SHARED_MB = 80
FORKS = 3
FORKING = f"""
import os, sys, time
block = bytearray(os.urandom(1 << 20)) * {SHARED_MB}
for _ in range({FORKS}):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells")
def test_memory_that_forked_processes_share_counts_once() -> None:
    command = [sys.executable, "-c", FORKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            tree = descendants(process.pid)
            assert len(tree) == 1 + FORKS
            assert SHARED_MB < memory_of(tree) < 2 * SHARED_MB
            # Below the peak it is not told apart.
            assert memory_of(tree, peak=SHARED_MB * 100) > SHARED_MB * FORKS
            assert memory_of(tree, peak=SHARED_MB) < 2 * SHARED_MB
        finally:
            for member in descendants(process.pid):
                member.kill()
