#!/usr/bin/env python3
"""
Hardware: what this machine can compute on, and what suits it.

Finds the profile (cuda, mlx or cpu), counts the CPUs and the memory that this process may really
use (affinity and control groups, not the whole machine), lists NVIDIA GPUs and recommends a Whisper
model. The result is kept in `config/hardware_cache.json` until the machine changes. Standard
library only: bootstrap uses this before any environment exists.

Usage:
    from shared.hardware_detection import detect_device, detect_hardware, device_memory

    hardware = detect_hardware()
    device = detect_device("auto")  # cpu, cuda, cuda:1 or mps
    device_memory(device).free_mb
"""

from __future__ import annotations

import platform
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from shared.core.errors import InputError, UnavailableError, counted
from shared.core.files import read_record, write_json
from shared.core.machine.cgroup import usable_cpus, usable_memory_mb
from shared.core.machine.nvidia import GPU, query_gpus, visible_devices
from shared.core.machine.tuning import MEASURED, all_tunings

Profile = Literal["cpu", "cuda", "mlx"]
PROFILES: tuple[Profile, ...] = ("cpu", "cuda", "mlx")

SCHEMA_VERSION = 1
PROJECT_ROOT = Path(__file__).resolve().parent.parent
CACHE_FILE = PROJECT_ROOT / "config" / "hardware_cache.json"
# The oldest glibc that the wheels of mlx-cpu run on.
MLX_GLIBC = (2, 35)
DEVICE_PATTERN = re.compile(r"cpu|mps|mlx|cuda(:\d+)?")


@dataclass(frozen=True)
class Hardware:
    """What this process may use: CPUs, memory in MiB, GPUs, and what follows from them."""

    profile: Profile
    device: str
    cpu_count: int
    memory_mb: int
    gpus: tuple[GPU, ...]
    platform: str
    machine: str


@dataclass(frozen=True)
class DeviceMemory:
    """Memory of a device in MiB: all that may be used, and what is free now (None = unknown)."""

    total_mb: int
    free_mb: int | None


@dataclass(frozen=True)
class Recommendation:
    """The Whisper model, CTranslate2 compute type and batch size (segments) that suit a machine."""

    whisper_model: str
    compute_type: str
    batch_size: int


def detect_hardware(cache_file: Path = CACHE_FILE, refresh: bool = False) -> Hardware:
    """Return this machine's hardware, from the cache where the machine is still the same.

    Args:
        cache_file: Where the result is kept; a damaged or outdated file is replaced.
        refresh: Look again even if the cache fits.

    Returns:
        The hardware. A cache that cannot be written (read-only folder) is no error.
    """
    fingerprint = _fingerprint()
    cached = None if refresh else _read_cache(cache_file, fingerprint)
    if cached is not None:
        return cached
    hardware = _probe()
    document = {
        "schema_version": SCHEMA_VERSION,
        "fingerprint": fingerprint,
        "hardware": asdict(hardware),
        "recommended": asdict(recommend(hardware)),
    }
    with suppress(OSError):
        if (read_record(cache_file) or {}).get("fingerprint") == fingerprint:
            document[MEASURED] = all_tunings(cache_file)
        cache_file.parent.mkdir(parents=True, exist_ok=True)
        write_json(cache_file, document)
    return hardware


def detect_device(requested: str = "auto", hardware: Hardware | None = None) -> str:
    """Return the device to compute on: the requested one if it is there, or the best for "auto".

    Args:
        requested: auto, cpu, cuda, cuda:<index>, mps or mlx (Apple's GPU by another name, returned
            as mps), in any case.
        hardware: What to check against; this machine if left out.

    Raises:
        InputError: The name is not a device.
        UnavailableError: The device is not on this machine.
    """
    name = requested.strip().lower()
    if name != "auto" and not DEVICE_PATTERN.fullmatch(name):
        raise InputError(
            f"'{requested}' is not a device", hint="Use one of: auto, cpu, cuda, cuda:0, mps, mlx"
        )
    found = hardware or detect_hardware()
    if name == "auto":
        return found.device
    if name.startswith("cuda"):
        index = int(name.partition(":")[2] or 0)
        if index >= len(found.gpus):
            gpus = counted(len(found.gpus), "usable NVIDIA GPU").replace("0 ", "no ", 1)
            raise UnavailableError(
                f"Device '{name}' is not available: this machine has {gpus}",
                hint="Use device auto or cpu; to look for a GPU: nvidia-smi",
            )
    if name in ("mps", "mlx") and found.device != "mps":
        raise UnavailableError(
            f"Device '{name}' is not available: this is not an Apple Silicon machine",
            hint="Use device auto or cpu",
        )
    return "mps" if name == "mlx" else name


def device_memory(device: str, hardware: Hardware | None = None) -> DeviceMemory:
    """Return the memory that work on a device may use, in all and free at this moment.

    Args:
        device: What detect_device returned.
        hardware: This machine if left out.

    Raises:
        UnavailableError: There is no such GPU.
    """
    found = hardware or detect_hardware()
    if not device.startswith("cuda"):
        return DeviceMemory(found.memory_mb, _available_memory_mb())
    index = int(device.partition(":")[2] or 0)
    if index >= len(found.gpus):
        raise UnavailableError(f"There is no device '{device}'", hint="Use device auto or cpu")
    # Free memory is of this moment and never kept.
    now = query_gpus("memory.free")
    return DeviceMemory(
        found.gpus[index].memory_mb, now[index].memory_mb if index < len(now) else None
    )


def recommend(hardware: Hardware, device: str = "auto") -> Recommendation:
    """Return the largest Whisper model that a device runs at a bearable speed.

    The GPU limits leave room for large-v3's batches (about 3 GB of weights in float16, 1.6 GB in
    int8) beside the alignment model; the CPU limits are for int8.

    Args:
        hardware: The machine.
        device: Where the model will work: what detect_device returned, or auto for the best. A GPU
            that is not there counts as the CPU.
    """
    wanted = hardware.device if device == "auto" else device
    index = int(wanted.partition(":")[2] or 0)
    if wanted.startswith("cuda") and index < len(hardware.gpus):
        return _for_gpu(hardware.gpus[index].memory_mb)
    if wanted == "mps" and hardware.profile == "mlx":
        if hardware.memory_mb >= 16_000:
            return Recommendation("large-v3", "float16", 8)
        return Recommendation("small", "float16", 4)
    if hardware.cpu_count >= 16 and hardware.memory_mb >= 16_000:
        return Recommendation("medium", "int8", 8)
    if hardware.cpu_count >= 8 and hardware.memory_mb >= 8_000:
        return Recommendation("small", "int8", 8)
    return Recommendation("base", "int8", 4)


def _for_gpu(memory_mb: int) -> Recommendation:
    """Return what suits an NVIDIA GPU with so much memory, MiB."""
    if memory_mb >= 10_000:
        return Recommendation("large-v3", "float16", 16)
    if memory_mb >= 6_000:
        return Recommendation("large-v3", "int8_float16", 8)
    return Recommendation("small", "int8_float16", 4)


def mlx_runs_here() -> bool:
    """Whether MLX has wheels for this machine: Apple Silicon, or Linux with a recent glibc."""
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    library, version = platform.libc_ver()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return library == "glibc" and numbers >= MLX_GLIBC


def _probe() -> Hardware:
    """Look at the machine itself."""
    gpus = query_gpus("memory.total")
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    profile: Profile = "cuda" if gpus else "mlx" if apple else "cpu"
    return Hardware(
        profile=profile,
        device={"cuda": "cuda", "mlx": "mps", "cpu": "cpu"}[profile],
        cpu_count=usable_cpus(),
        memory_mb=usable_memory_mb(),
        gpus=gpus,
        platform=platform.system().lower(),
        machine=platform.machine(),
    )


def _available_memory_mb() -> int | None:
    """Return the memory of this machine that is free now, MiB; None where it is not told."""
    found = re.search(r"MemAvailable:\s+(\d+) kB", _read_text(Path("/proc/meminfo")))
    return min(int(found[1]) // 1024, usable_memory_mb()) if found else None


def _fingerprint() -> dict[str, Any]:
    """Everything cheap to read whose change means that the machine must be looked at again."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu_count": usable_cpus(),
        "memory_mb": usable_memory_mb(),
        "nvidia_smi": shutil.which("nvidia-smi"),
        "nvidia_devices": sorted(path.name for path in Path("/dev").glob("nvidia[0-9]*")),
        "nvidia_driver": _read_text(Path("/proc/driver/nvidia/version")).partition("\n")[0],
        "cudavisible_devices": visible_devices(),
    }


def _read_cache(cache_file: Path, fingerprint: dict[str, Any]) -> Hardware | None:
    """Return the cached hardware if the file is whole and of this machine, else None."""
    try:
        document = read_record(cache_file) or {}
        if document["schema_version"] != SCHEMA_VERSION or document["fingerprint"] != fingerprint:
            return None
        fields = document["hardware"]
        return Hardware(**{**fields, "gpus": tuple(GPU(**gpu) for gpu in fields["gpus"])})
    except (KeyError, TypeError):
        return None


def _read_text(path: Path) -> str:
    """Return a file's text, or nothing where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
