#!/usr/bin/env python3
"""
Machine: Python, FFmpeg with what we use of it, disk, hardware, model hub and secrets.

Each function looks at one thing and returns findings. Standard library only: it works before any
environment exists. No secret's value is ever returned.

Usage:
    from shared.doctor.machine import check_machine

    findings = check_machine(project_root, "out", variables())
"""

from __future__ import annotations

import os
import platform
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from shared.core.configuration.place import secrets_file
from shared.core.configuration.variables import PREFIX
from shared.core.files import read_record
from shared.core.machine.nvidia import gpu_trouble
from shared.doctor.finding import Finding
from shared.hardware_detection import detect_hardware, device_memory
from shared.media.programs import missing_programs

GB = 10**9
# What the stages ask of FFmpeg, and what is lost without it; "" = the main job itself.
FEATURES: dict[str, dict[str, str]] = {
    "filters": {
        "aresample": "",
        "asetpts": "",
        "atrim": "",
        "setpts": "",
        "trim": "",
        "pan": "the centre channel of 5.1 sound",
        "ass": "subtitles burned into the picture",
    },
    "encoders": {
        "pcm_s16le": "",
        "flac": "",
        "srt": "",
        "libx264": "clips (--start, --end) and the demo film",
        "libopus": "the demo film",
    },
}
FFMPEG_SECONDS = 20.0
# A short film's job and its intermediate files.
LEAST_FREE_GB = 2.0
HUB_SECONDS = 4.0
DEFAULT_HUB = "https://huggingface.co"
ON_WORDS = ("1", "true", "yes", "on")
SECRET_USES = {
    "TMDB_API_KEY": "cast and titles",
    "HF_TOKEN": "gated models",
    "LLM_API_KEY": "translation by a language model",
    "NOTIFY_URLS": "who hears how a batch ended",
}


def check_machine(root: Path, output_root: str, environment: Mapping[str, str]) -> list[Finding]:
    """Return what was found about everything but environments, models and stages.

    Args:
        root: The checkout.
        output_root: The folder of all jobs, as it is configured.
        environment: The environment variables.
    """
    return [
        check_python(),
        *check_ffmpeg(),
        check_disk(root),
        check_output(root / Path(output_root).expanduser()),
        *check_hardware(),
        check_hub(environment),
        *check_secrets(secrets_file(), environment),
    ]


def check_python() -> Finding:
    """Look at the Python that runs this.

    Returns:
        Its version, 'missing' where it is none that the project supports.
    """
    version = platform.python_version()
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("python", "good", version)
    return Finding("python", "missing", f"{version}, needed is 3.11 to 3.13", "./bootstrap.sh")


def check_ffmpeg() -> list[Finding]:
    """Look for ffmpeg and ffprobe, and for the filters and encoders that stages use.

    Returns:
        One finding, or one for each feature that is not there.
    """
    absent = missing_programs()
    if absent:
        return [
            Finding("ffmpeg", "missing", f"{' and '.join(absent)} not on PATH", "./bootstrap.sh")
        ]
    lists = {kind: _listing(kind) for kind in FEATURES}
    if not all(lists.values()):
        return [Finding("ffmpeg", "missing", "ffmpeg does not start", "ffmpeg -version")]
    lacking = [
        (name, use)
        for kind, names in FEATURES.items()
        for name, use in names.items()
        if name not in lists[kind]
    ]
    if not lacking:
        return [Finding("ffmpeg", "good", "with every filter and encoder that stages use")]
    return [
        Finding(
            f"ffmpeg {name}",
            "degraded" if use else "missing",
            f"this build has no {name}: no {use or 'main job'}",
            "Install a full build of FFmpeg",
        )
        for name, use in lacking
    ]


def _listing(kind: str) -> set[str]:
    """Return the names that ffmpeg lists: the second column of `ffmpeg -filters` or -encoders."""
    try:
        result = subprocess.run(
            ["ffmpeg", "-hide_banner", "-nostdin", f"-{kind}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FFMPEG_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    rows = [line.split() for line in result.stdout.splitlines()]
    return {row[1] for row in rows if len(row) > 1} if result.returncode == 0 else set()


def check_disk(root: Path) -> Finding:
    """Look at the free space of the disk that holds the checkout.

    Args:
        root: The checkout's root.

    Returns:
        How much is free, with a warning where it is little.
    """
    free = shutil.disk_usage(root).free / GB
    if free >= LEAST_FREE_GB:
        return Finding("disk", "good", f"{free:.0f} GB free")
    return Finding("disk", "degraded", f"{free:.1f} GB free", f"Free space on the disk of {root}")


def check_output(folder: Path) -> Finding:
    """Look whether jobs can be written.

    Args:
        folder: The folder of all jobs; made by the first job.
    """
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return Finding("output", "good", f"{folder} can be written")
    return Finding(
        "output", "missing", f"{existing} cannot be written", f"chmod u+rwx '{existing}'"
    )


def check_hardware() -> list[Finding]:
    """Look at the compute device and its memory, and at a GPU that cannot be used.

    Returns:
        What stages will compute on.
    """
    hardware = detect_hardware()
    memory = device_memory(hardware.device, hardware)
    free = f", {memory.free_mb} MiB free" if memory.free_mb is not None else ""
    names = ", ".join(gpu.name for gpu in hardware.gpus)
    device = f"{hardware.device} ({names})" if names else hardware.device
    detail = f"{device}, {memory.total_mb} MiB{free}, {hardware.cpu_count} CPUs"
    findings = [Finding("hardware", "good", detail)]
    trouble = gpu_trouble()
    if trouble:
        command = "unset CUDA_VISIBLE_DEVICES" if "VISIBLE" in trouble else "nvidia-smi"
        findings.append(Finding("gpu", "degraded", f"{trouble}; work is done on the CPU", command))
    return findings


def check_hub(environment: Mapping[str, str]) -> Finding:
    """Look whether the model hub answers, within seconds.

    Args:
        environment: HF_HUB_OFFLINE and HF_ENDPOINT.
    """
    if environment.get("HF_HUB_OFFLINE", "").strip().lower() in ON_WORDS:
        return Finding("model hub", "off", "switched off (HF_HUB_OFFLINE)", "unset HF_HUB_OFFLINE")
    address = environment.get("HF_ENDPOINT") or DEFAULT_HUB
    if _answers(address):
        return Finding("model hub", "good", f"{address} answers")
    return Finding(
        "model hub",
        "degraded",
        f"{address} does not answer: only models that are here can be used",
        "python3 tools/models.py list",
    )


def _answers(address: str) -> bool:
    """Whether a web server answers at all; a name look-up that hangs is waited for no longer."""
    import urllib.error  # Here, since preflight uses this module and must start fast.
    import urllib.request

    answers: list[bool] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(address, method="HEAD")
            with urllib.request.urlopen(request, timeout=HUB_SECONDS):
                answers.append(True)
        except urllib.error.HTTPError:
            answers.append(True)
        except (OSError, ValueError):
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_SECONDS)
    return bool(answers)


def check_secrets(path: Path, environment: Mapping[str, str]) -> list[Finding]:
    """Look which secrets are there (names only) and who may read their file.

    Args:
        path: config/secrets.json.
        environment: A secret may also be a variable.

    Returns:
        Which keys are set, never their values.
    """
    names = {
        name for name in SECRET_USES if environment.get(PREFIX + name) or environment.get(name)
    }
    if path.exists():
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            return [Finding("secrets", "missing", f"others may read {path}", f"chmod 600 '{path}'")]
        content = read_record(path)
        if content is None:
            return [Finding("secrets", "missing", f"{path} is no JSON object", f"$EDITOR '{path}'")]
        names |= {name for name in SECRET_USES if content.get(name)}
    detail = ", ".join(
        f"{name} {'is set' if name in names else f'is not set (for {use})'}"
        for name, use in SECRET_USES.items()
    )
    return [Finding("secrets", "good" if names else "off", detail)]
