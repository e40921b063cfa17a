#!/usr/bin/env python3
"""
NVIDIA: asks the driver for its GPUs, and says in words what is wrong with it.

Standard library only, as hardware_detection, which is its user. Honours CUDA_VISIBLE_DEVICES.

Usage:
    from shared.core.machine.nvidia import gpu_trouble, query_gpus

    gpus = query_gpus("memory.total")
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shared.core.configuration.variables import variable
from shared.core.machine.cgroup import usable_memory_mb

# A driver that hangs must not hang the pipeline.
NVIDIA_SMI_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class GPU:
    """One NVIDIA GPU that this process may use; memory in MiB."""

    name: str
    memory_mb: int


def gpu_trouble() -> str:
    """Return in words why an NVIDIA GPU that seems to be here cannot be used, "" without trouble.

    Looks afresh, never at the cache.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        nodes = sorted(path.name for path in Path("/dev").glob("nvidia[0-9]*"))
        return f"/dev/{nodes[0]} is there but nvidia-smi is not on PATH" if nodes else ""
    code, output = _ask_nvidia_smi(program, "memory.total")
    if code is None:
        return f"nvidia-smi does not answer: {output}"
    if code != 0:
        last = (output.strip().splitlines() or [f"exit code {code}"])[0]
        return f"nvidia-smi fails: {last.strip()}"
    if not _visible_gpus(output, None):
        return "nvidia-smi lists no GPU"
    if not _visible_gpus(output, visible_devices()):
        return f"CUDA_VISIBLE_DEVICES={visible_devices()} hides every GPU"
    return ""


def query_gpus(memory: str) -> tuple[GPU, ...]:
    """Return the visible GPUs, each with its memory.total or memory.free; none without a driver.

    Args:
        memory: Which figure of nvidia-smi is asked for, memory.total or memory.free.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    code, output = _ask_nvidia_smi(program, memory)
    return _visible_gpus(output, visible_devices()) if code == 0 else ()


def _ask_nvidia_smi(program: str, memory: str) -> tuple[int | None, str]:
    """Return nvidia-smi's exit code and what it said; None and why when it did not end."""
    try:
        result = subprocess.run(
            [program, f"--query-gpu=index,uuid,name,{memory}", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=NVIDIA_SMI_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer in {NVIDIA_SMI_TIMEOUT_SECONDS:.0f} s"
    except OSError as error:
        return None, error.strerror or type(error).__name__
    return result.returncode, result.stdout or result.stderr


def _visible_gpus(listing: str, visible: str | None) -> tuple[GPU, ...]:
    """Read nvidia-smi's lines and keep what CUDA_VISIBLE_DEVICES shows, in its order.

    Args:
        listing: Lines of "index, uuid, name, memory in MiB".
        visible: Indices or UUID prefixes separated by commas; None shows all. CUDA stops at the
            first entry that matches no GPU, so "" and "-1" show none.
    """
    rows = [[cell.strip() for cell in line.split(",")] for line in listing.splitlines()]
    rows = [row for row in rows if len(row) == 4]
    if visible is not None:
        chosen = []
        for entry in (part.strip() for part in visible.split(",")):
            match = [row for row in rows if row[0] == entry or (entry and row[1].startswith(entry))]
            if not match:
                break
            chosen.append(match[0])
        rows = chosen
    # Some GPUs share the machine's memory and report [N/A].
    return tuple(
        GPU(row[2], int(row[3]) if row[3].isdigit() else usable_memory_mb()) for row in rows
    )


def visible_devices() -> str | None:
    """The user's restriction to some GPUs, or None.

    Returns:
        CUDA_VISIBLE_DEVICES as it is set, None where it is not.
    """
    return variable("CUDA_VISIBLE_DEVICES")
