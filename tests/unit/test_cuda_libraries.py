#!/usr/bin/env python3
"""Tests of scripts/runtime/cuda_libraries.py, on made-up package folders."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from scripts.runtime.cuda_libraries import find_libraries, preload


def library(site_packages: Path, part: str, name: str) -> Path:
    path = site_packages / "nvidia" / part / "lib" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no library")
    return path


def test_what_ctranslate2_needs_is_found_in_order(tmp_path: Path) -> None:
    cudnn = library(tmp_path, "cudnn", "libcudnn.so.9")
    cublas = library(tmp_path, "cublas", "libcublas.so.12")
    runtime = library(tmp_path, "cuda_runtime", "libcudart.so.12")
    library(tmp_path, "nccl", "libnccl.so.2")
    library(tmp_path, "cudnn", "readme.txt")
    assert find_libraries(tmp_path) == [runtime, cublas, cudnn]


def test_an_environment_without_them_is_no_error(tmp_path: Path) -> None:
    assert find_libraries(tmp_path) == [] and preload(tmp_path) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
def test_a_real_library_is_loaded_and_a_broken_one_left(tmp_path: Path) -> None:
    library(tmp_path, "cublas", "libcublas.so.12")
    real = library(tmp_path, "cudnn", "libcudnn.so.9")
    maps = Path("/proc/self/maps").read_text().split()
    libm = next(name for name in maps if name.endswith("libm.so.6"))
    shutil.copyfile(libm, real)
    assert preload(tmp_path) == [real]
