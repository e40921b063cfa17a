#!/usr/bin/env python3
"""CPU wheels of torch: their digests are in a lock, and no other wheel is installed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.core.errors import DependencyError, UnavailableError
from shared.core.paths import PROJECT_ROOT
from tests.support.pytorch_index import Index, serve_pytorch_index
from tools.bootstrap.command import Runner
from tools.bootstrap.torch_source import CpuWheels

PINS = ["torch==2.8.0", "torchaudio==2.8.0"]
UV = PROJECT_ROOT / "venv" / ".uv" / "bin" / "uv"

pytestmark = [
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="only there do the default wheels bring CUDA",
    ),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """PyTorch's index with both packages."""
    with serve_pytorch_index(tmp_path, UV, PINS) as served:
        yield served


@pytest.fixture
def wheels(index: Index, tmp_path: Path) -> CpuWheels:
    """The CPU wheels of a checkout without a lock of them, and an empty environment."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    runner = Runner(tmp_path / "log", {**os.environ, **index.environment})
    return CpuWheels(runner, UV, environment / "bin" / "python", tmp_path / "torch-cpu.txt")


def install(wheels: CpuWheels, folder: Path) -> None:
    """Install both packages."""
    requirements = wheels.requirements(PINS, folder)
    wheels.runner.run(wheels.install(wheels.python, requirements), "It failed", "Try again")


def test_the_first_time_the_digests_are_locked_and_then_held(
    wheels: CpuWheels, index: Index, tmp_path: Path
) -> None:
    assert wheels.source(PINS, "cpu") == "cpu"
    locked = wheels.lock.read_text()
    assert locked.count("--hash=sha256:") == 4, "the wheels of every Python are locked"
    assert index.digest("torch") in locked and index.digest("torchaudio") in locked
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    install(wheels, scratch)
    assert list(tmp_path.rglob("site-packages/torchaudio/__init__.py"))
    assert wheels.source(PINS, "cpu") == "cpu" and wheels.lock.read_text() == locked


def test_a_wheel_with_another_digest_is_refused(
    wheels: CpuWheels, index: Index, tmp_path: Path
) -> None:
    assert wheels.source(PINS, "cpu") == "cpu"
    locked = wheels.lock.read_text()
    index.spoil("torchaudio")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with pytest.raises(DependencyError):
        install(wheels, scratch)
    assert "mismatch" in (tmp_path / "log").read_text()
    assert not list(tmp_path.rglob("site-packages/torchaudio"))
    assert wheels.lock.read_text() == locked


def test_a_lock_without_a_package_is_no_lock(wheels: CpuWheels, tmp_path: Path) -> None:
    wheels.lock.write_text(f"torch==2.8.0+cpu \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.raises(UnavailableError, match="does not hold"):
        wheels.requirements(PINS, tmp_path)
