#!/usr/bin/env python3
"""
Torch source: chooses between PyTorch's CPU wheels and the default ones.

On Linux x86_64 the default wheels bring 5 GB of CUDA. Without a GPU the CPU wheels do, where
PyTorch's own index is reached; where it is not, the default wheels run on the CPU as well. The
CPU wheels have a lock of their own, requirements/locks/torch-cpu.txt: where there is none yet, it
is written from the index, once, and what comes later has those digests or is refused.

Usage:
    from tools.bootstrap.torch_source import CpuWheels

    source = CpuWheels(runner, uv, python, lock).source(pins, profile="cpu")
"""

from __future__ import annotations

import itertools
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.core.errors import UnavailableError
from shared.core.files import write_text
from shared.core.ran.packages import PIN
from shared.hardware_detection import Profile
from tools.bootstrap.command import Runner

TorchSource = Literal["cpu", "default", "none"]

# What PyTorch's CPU index serves in a build of its own.
TORCH_PACKAGES = ("torch", "torchaudio", "torchvision")
CUDA_PREFIX = "nvidia-"
BACKEND = ("--torch-backend", "cpu")
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


@dataclass(frozen=True)
class CpuWheels:
    """PyTorch's CPU wheels and their lock.

    Args:
        runner: Runs uv.
        uv: The uv program.
        python: A Python of the environments' version, in an environment of its own.
        lock: Their lock; need not be there yet.
    """

    runner: Runner
    uv: Path
    python: Path
    lock: Path

    def source(self, pins: Sequence[str], profile: Profile) -> TorchSource:
        """Return where torch comes from, by trying.

        Args:
            pins: The torch packages of all environments, as name==version.
            profile: Only "cpu" wants the CPU wheels.
        """
        if not pins:
            return "none"
        if profile != "cpu" or not has_cuda_wheels():
            return "default"
        with tempfile.TemporaryDirectory() as scratch:
            wanted = self._requirements(pins, Path(scratch))
            if wanted is None:
                return "cpu" if self._written(pins, Path(scratch)) else "default"
            code, _ = self._try([*self.install(self.python, wanted), "--dry-run"])
            return "cpu" if code == 0 else "default"

    def install(self, python: Path, requirements: Path) -> list[str]:
        """Return the command that installs CPU wheels of torch with their digests checked.

        Args:
            python: The environment's Python.
            requirements: Made by requirements().
        """
        options = ["--no-deps", "--require-hashes", *BACKEND, "--python", str(python)]
        return [str(self.uv), "pip", "install", *options, "--requirements", str(requirements)]

    def requirements(self, pins: Sequence[str], folder: Path) -> Path:
        """Return a file with some packages' part of the lock.

        Args:
            pins: The torch packages of an environment; the lock holds them.
            folder: Where it is written.

        Raises:
            UnavailableError: The lock does not hold them.
        """
        wanted = self._requirements(pins, folder)
        if wanted is None:
            raise UnavailableError(f"{self.lock} does not hold {', '.join(pins)}", "./bootstrap.sh")
        return wanted

    def _requirements(self, pins: Sequence[str], folder: Path) -> Path | None:
        text = self.lock.read_text(encoding="utf-8") if self.lock.is_file() else ""
        if not holds(text, pins):
            return None
        path = folder / self.lock.name
        path.write_text("".join(only(text, f"{pin}+cpu") for pin in pins), encoding="utf-8")
        return path

    def _written(self, pins: Sequence[str], folder: Path) -> bool:
        """Write the lock from PyTorch's index; False where that is not reached."""
        asked, made = folder / "asked.txt", folder / "made.txt"
        asked.write_text("\n".join(pins) + "\n", encoding="utf-8")
        options = ["--no-deps", "--generate-hashes", "--no-header", "--no-annotate", *BACKEND]
        options += ["--python", str(self.python), "--output-file", str(made), "--quiet"]
        code, _ = self._try([str(self.uv), "pip", "compile", str(asked), *options])
        if code != 0 or not holds(text := made.read_text(encoding="utf-8"), pins):
            return False
        write_text(self.lock, text)
        return True

    def _try(self, command: Sequence[str]) -> tuple[int, str]:
        return self.runner.read(
            command,
            UV_HTTP_TIMEOUT=TRY_SECONDS,
            UV_HTTP_CONNECT_TIMEOUT=TRY_SECONDS,
            UV_HTTP_RETRIES="0",
        )


def holds(lock_text: str, pins: Sequence[str]) -> bool:
    """Return whether a lock has the digests of the CPU wheels of all these packages.

    Args:
        lock_text: What a file of requirements/locks holds.
        pins: Packages as name==version.
    """
    return all("--hash=sha256:" in only(lock_text, f"{pin}+cpu") for pin in pins)


def only(lock_text: str, pin: str) -> str:
    """Return one package's part of a lock, '' where it is not in it.

    Args:
        lock_text: A lock: each package starts a line, its hashes follow on indented lines.
        pin: The package as name==version.
    """
    lines = lock_text.splitlines(keepends=True)
    starts = [n for n, line in enumerate(lines) if line.split()[:1] == [pin]]
    if not starts:
        return ""
    rest = itertools.takewhile(lambda line: line[:1] == " ", lines[starts[0] + 1 :])
    return "".join([lines[starts[0]], *rest])


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
