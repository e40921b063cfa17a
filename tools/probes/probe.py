#!/usr/bin/env python3
"""
Probe: what the probes of all environments share: arguments, sound, time, the line that they print.

A probe runs with its environment's own Python and prints one JSON line: ok, engine, device,
seconds, detail. It is an error boundary: a library may fail in any way.

Usage:
    from tools.probes.probe import run_probe

    run_probe("mlx-whisper", lambda device: f"heard {text!r}")
"""

from __future__ import annotations

import array
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from shared.core.errors import InputError
from shared.core.usage import CommandParser, tell
from shared.media.ffmpeg import media_input, pipe_output, read_ffmpeg

PROJECT_ROOT = Path(__file__).resolve().parents[2]
SPOKEN_LINE = PROJECT_ROOT / "tests" / "fixtures" / "speech" / "en-01.opus"
SPEECH_RATE = 16_000
FFMPEG_SECONDS = 60.0
TONE_HZ = 220.0


def run_probe(engine: str, work: Callable[[str], str]) -> NoReturn:
    """Run a probe, print its line and end the process: 0 when the engine works.

    Args:
        engine: What is proved, for the report.
        work: Gets the device, does the work, returns one line about what came out; it raises
            when the engine does not work.
    """
    parser = CommandParser()
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    try:
        device = parser.parse_args().device
    except InputError as error:
        tell(error)
        sys.exit(error.exit_code)
    begun = time.monotonic()
    try:
        ok, detail = True, work(device)
    except Exception as error:  # the probe's error boundary
        ok, detail = False, f"{type(error).__name__}: {error}".splitlines()[0]
    seconds = round(time.monotonic() - begun, 2)
    line = {"ok": ok, "engine": engine, "device": device, "seconds": seconds, "detail": detail}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    sys.exit(0 if ok else 1)


def spoken_second(seconds: float = 1.0) -> array.array[float]:
    """Return the beginning of a spoken English line, float32, 16 kHz mono, shape (samples,).

    Args:
        seconds: How much of it.

    Raises:
        UnavailableError: ffmpeg is not installed.
        DependencyError: It cannot read the recording.
    """
    beginning = media_input(SPOKEN_LINE, t=seconds)["a:0"]
    output = pipe_output([beginning], "f32le", {"ac": 1, "ar": SPEECH_RATE})
    return array.array("f", read_ffmpeg(output, FFMPEG_SECONDS))


def tone(seconds: float, rate: int) -> array.array[float]:
    """Return a tone, float32, shape (samples,).

    Args:
        seconds: Its length.
        rate: Samples a second.
    """
    step = 2 * math.pi * TONE_HZ / rate
    return array.array("f", (0.3 * math.sin(step * n) for n in range(int(seconds * rate))))


def require(true: object, otherwise: str) -> None:
    """Raise RuntimeError unless something is true.

    Args:
        true: What must be.
        otherwise: What is said when it is not.
    """
    if not true:
        raise RuntimeError(otherwise)
