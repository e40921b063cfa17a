#!/usr/bin/env python3
"""Tests of scripts/runtime/ctranslate2_runtime.py: memory stays, threads fit the CPUs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shared.core.paths import PROJECT_ROOT

ROUNDS, PIECE = 6, 128 << 20
# Takes, fills and gives back so large a piece again and again; prints how many pages were mapped.
CHURN = f"""
import ctypes, resource, sys
sys.path.insert(0, {str(PROJECT_ROOT)!r})
if sys.argv[1] == "kept":
    from scripts.runtime import ctranslate2_runtime
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = (ctypes.c_size_t,)
libc.free.argtypes = (ctypes.c_void_p,)
libc.memset.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({ROUNDS}):
    piece = libc.malloc({PIECE})
    libc.memset(piece, 1, {PIECE})
    libc.free(piece)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
THREADS = f"""
import os, sys
sys.path.insert(0, {str(PROJECT_ROOT)!r})
os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})
from scripts.runtime.ctranslate2_runtime import thread_count
print(thread_count(0), thread_count(1), thread_count(64), os.environ["OMP_WAIT_POLICY"])
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator, affinity")


def run(code: str, *arguments: str, **variables: str) -> str:
    """Return what a program prints."""
    clean = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=clean | variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.mark.slow
def test_memory_that_is_given_back_is_not_mapped_anew_each_time() -> None:
    pages = PIECE // os.sysconf("SC_PAGE_SIZE")
    thrown_away, kept = int(run(CHURN, "default")), int(run(CHURN, "kept"))
    if thrown_away < ROUNDS * pages / 2:
        pytest.skip("this system maps large pages by itself")
    assert kept < 2 * pages


def test_never_more_threads_than_cpus_and_a_users_own_policy_wins() -> None:
    assert run(THREADS) == "1 1 1 passive"
    assert run(THREADS, OMP_WAIT_POLICY="active") == "1 1 1 active"
