#!/usr/bin/env python3
"""
CUDA libraries: makes those that lie in the environment itself loadable for CTranslate2.

CTranslate2 opens cuBLAS and cuDNN by their bare names when it first uses a GPU. The packages
nvidia-* bring them in folders that the system's loader does not search, and LD_LIBRARY_PATH is read
only when a process starts. A library that is loaded already is found by its name: so they are
loaded beforehand.

Usage:
    from scripts.runtime.cuda_libraries import preload

    preload()  # before the first model on "cuda"; nothing on a machine without those packages
"""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from pathlib import Path

# What CTranslate2 needs, and what that needs: other packages of NVIDIA stay unloaded.
PARTS = ("cuda_runtime", "cuda_nvrtc", "cublas", "cudnn")


def find_libraries(site_packages: Path) -> list[Path]:
    """Return the shared libraries to load, in the order of PARTS, sorted within each.

    Args:
        site_packages: The environment's package folder.
    """
    return [
        path
        for part in PARTS
        for path in sorted((site_packages / "nvidia" / part / "lib").glob("lib*.so.*"))
        if path.is_file()
    ]


def preload(site_packages: Path | None = None) -> list[Path]:
    """Load the libraries; return those that were loaded.

    A library may need another one of the list: what fails is tried again after the others, and
    what fails for good is left for CTranslate2 to report.

    Args:
        site_packages: The package folder; this environment's if left out.
    """
    if not sys.platform.startswith("linux"):
        return []
    waiting = find_libraries(site_packages or Path(sysconfig.get_paths()["purelib"]))
    loaded: list[Path] = []
    while waiting:
        failed = [path for path in waiting if not _load(path)]
        loaded += [path for path in waiting if path not in failed]
        if len(failed) == len(waiting):
            break
        waiting = failed
    return loaded


def _load(path: Path) -> bool:
    try:
        ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True
