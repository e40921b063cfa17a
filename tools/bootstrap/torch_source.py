#!/usr/bin/env python3
"""
Torch source: chooses between PyTorch's CPU wheels and the default ones.

On Linux x86_64 the default wheels bring 5 GB of CUDA. Without a GPU the CPU wheels do, where
PyTorch's own index is reached; where it is not, the default wheels run on the CPU as well. The
locks hold the default wheels' hashes only, so the CPU wheels are installed by exact version.

Usage:
    from tools.bootstrap.torch_source import choose_torch_source

    source = choose_torch_source(runner, uv, python, lock_text, profile="cpu")
"""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import Literal

from shared.hardware_detection import Profile
from tools.bootstrap.command import Runner

TorchSource = Literal["cpu", "default", "none"]

# What PyTorch's CPU index serves in a build of its own.
TORCH_PACKAGES = ("torch", "torchaudio", "torchvision")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
CUDA_PREFIX = "nvidia-"
# How long an index that cannot be reached may hold up the set-up.
TRY_SECONDS = "5"
# Sizes on disk in GB: torch with CUDA, torch alone, everything else in an environment.
CUDA_TORCH_GB = 6.8
PLAIN_TORCH_GB = 1.0
REST_GB = 0.7


def torch_pins(lock_text: str) -> list[str]:
    """Return the lock's torch packages as name==version.

    Args:
        lock_text: A lock, as uv writes it.
    """
    pins = {match["name"]: match["version"] for match in PIN.finditer(lock_text)}
    return [f"{name}=={pins[name]}" for name in TORCH_PACKAGES if name in pins]


def without_torch(lock_text: str) -> str:
    """Return the lock without its torch packages and without CUDA's libraries.

    Args:
        lock_text: A lock: each package starts a line, its hashes follow on indented lines.
    """
    kept: list[str] = []
    keeping = True
    for line in lock_text.splitlines(keepends=True):
        match = PIN.match(line)
        if match:
            name = match["name"]
            keeping = name not in TORCH_PACKAGES and not name.startswith(CUDA_PREFIX)
        if keeping:
            kept.append(line)
    return "".join(kept)


def has_cuda_wheels() -> bool:
    """Whether this platform's default torch wheels bring CUDA."""
    return platform.system() == "Linux" and platform.machine() == "x86_64"


def choose_torch_source(
    runner: Runner, uv: Path, python: Path, lock_text: str, profile: Profile
) -> TorchSource:
    """Return where an environment's torch comes from, by trying.

    Args:
        runner: Runs uv.
        uv: The uv program.
        python: A Python of the environment's version, in an environment of its own.
        lock_text: The environment's lock.
        profile: Only "cpu" wants the CPU wheels.
    """
    pins = torch_pins(lock_text)
    if not pins:
        return "none"
    if profile != "cpu" or not has_cuda_wheels():
        return "default"
    code, output = runner.read(
        [*cpu_install(uv, python), "--dry-run", *pins],
        UV_HTTP_TIMEOUT=TRY_SECONDS,
        UV_HTTP_CONNECT_TIMEOUT=TRY_SECONDS,
        UV_HTTP_RETRIES="0",
    )
    return "cpu" if code == 0 and f"{pins[0]}+cpu" in output else "default"


def cpu_install(uv: Path, python: Path) -> list[str]:
    """Return the command that installs CPU wheels of torch, without the packages' names.

    Args:
        uv: The uv program.
        python: The environment's Python.
    """
    options = ["--no-deps", "--torch-backend", "cpu", "--python", str(python)]
    return [str(uv), "pip", "install", *options]


def disk_need_gb(lock_text: str, source: TorchSource) -> tuple[float, float]:
    """Return roughly how many GB an environment takes: torch (shared by hard links), the rest.

    Args:
        lock_text: The environment's lock.
        source: Where its torch comes from.
    """
    if not torch_pins(lock_text):
        return 0.0, REST_GB / 2
    cuda = source == "default" and has_cuda_wheels()
    return CUDA_TORCH_GB if cuda else PLAIN_TORCH_GB, REST_GB
