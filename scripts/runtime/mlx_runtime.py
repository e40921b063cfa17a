#!/usr/bin/env python3
"""
MLX runtime: importing this module loads mlx_whisper, with matrices multiplied fast on Linux.

The Linux wheel of MLX brings the reference BLAS: it needs 1.5 s for a product that takes 0.1 s in
the one inside torch, which mlx-whisper requires anyway. A library's functions are looked up among
those already loaded: so torch's CPU library is loaded before MLX. On Apple MLX has a fast one.

It does nothing where MLX is not installed, so that a stage can name it among what to warm.

Usage:
    from scripts.runtime import mlx_runtime  # noqa: F401  before mlx is imported
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

LIBRARY = Path("torch", "lib", "libtorch_cpu.so")


def load_blas() -> bool:
    """Load the fast BLAS where there is one; return whether it is loaded."""
    path = Path(sysconfig.get_paths()["purelib"]) / LIBRARY
    if not sys.platform.startswith("linux") or not path.is_file():
        return False
    # MLX asks for one small product after the other: threads wait for one another longer than they
    # help, much longer where other programs work too. Read when the library is loaded.
    os.putenv("OMP_NUM_THREADS", "1")
    try:
        ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True


def prepare() -> None:
    """Import mlx_whisper so that it starts working at once.

    On Linux MLX would have a C++ compiler translate its fused functions at their first use in every
    process, and fail without one: they are taken step by step. Numba's translation of the alignment
    is kept on the disk.
    """
    is_fast = load_blas()
    timing = importlib.import_module("mlx_whisper.timing")
    for function in (timing.dtw_cpu, timing.backtrace):
        with suppress(RuntimeError):  # no folder that can be written
            function.enable_caching()
    if is_fast:
        importlib.import_module("mlx.core").disable_compile()


if importlib.util.find_spec("mlx_whisper") is not None:
    prepare()
