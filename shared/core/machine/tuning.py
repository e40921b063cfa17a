#!/usr/bin/env python3
"""
Tuning: what was measured to be fastest on this machine, kept beside what is known of it.

`tools/tune_recognition.py` measures; jobs that are prepared afterwards take it where the user says
auto. It goes when the machine changes, as all that the file holds. Standard library only.

Usage:
    from shared.core.machine.tuning import Tuning, keep_tuning, read_tuning

    keep_tuning(CACHE_FILE, "whisper base cpu int8", Tuning(batch_size=8, threads=2, speed=14.5))
    tuning = read_tuning(CACHE_FILE, "whisper base cpu int8")
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shared.core.errors import InputError
from shared.core.files import read_record, write_json

MEASURED = "measured"


@dataclass(frozen=True)
class Tuning:
    """How an engine is fastest: windows at once, CPU threads, seconds of sound a second."""

    batch_size: int
    threads: int
    speed: float


def tuning_key(model: str, device: str, compute_type: str) -> str:
    """Return what a measurement is kept under.

    Args:
        model: A Whisper model's name.
        device: cpu, cuda or cuda:<index>.
        compute_type: The number format of its weights.
    """
    return f"whisper {model} {device} {compute_type}"


def read_tuning(cache_file: Path, key: str) -> Tuning | None:
    """Return what was measured, None where nothing was or it cannot be read.

    Args:
        cache_file: config/hardware_cache.json, looked at for this machine.
        key: From tuning_key.
    """
    try:
        found = all_tunings(cache_file)[key]
        tuning = Tuning(int(found["batch_size"]), int(found["threads"]), float(found["speed"]))
    except (KeyError, TypeError, ValueError):
        return None
    return tuning if tuning.batch_size > 0 and tuning.threads > 0 else None


def keep_tuning(cache_file: Path, key: str, tuning: Tuning) -> None:
    """Write a measurement to what is known of this machine.

    Args:
        cache_file: config/hardware_cache.json.
        key: From tuning_key.
        tuning: What was fastest.

    Raises:
        InputError: Nothing is known of the machine yet, or the file cannot be written.
    """
    document = read_record(cache_file)
    if document is None:
        raise InputError(f"{cache_file} is not there", hint="./bootstrap.sh --env whisperx")
    document[MEASURED] = {**all_tunings(cache_file), key: asdict(tuning)}
    try:
        write_json(cache_file, document)
    except OSError as error:
        raise InputError(
            f"{cache_file} cannot be written: {error.strerror}", hint=f"ls -l {cache_file}"
        ) from error


def all_tunings(cache_file: Path) -> dict[str, Any]:
    """Return everything that was measured on this machine, by key.

    Args:
        cache_file: config/hardware_cache.json.
    """
    found = (read_record(cache_file) or {}).get(MEASURED)
    return found if isinstance(found, dict) else {}
