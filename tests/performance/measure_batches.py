#!/usr/bin/env python3
"""
Measure batches: how fast Whisper base hears on a device, by number format and windows at once.

Speech is made of the spoken test lines, in full windows. Run it in the whisperx environment.

Usage:
    venv/whisperx/bin/python tests/performance/measure_batches.py --device cuda \\
        [--formats int8,float16] [--batches 1,4,16] [--windows 32]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

import numpy as np  # noqa: E402

from scripts.whisper.recognition import decode_options  # noqa: E402
from scripts.whisperx_integration import load_model  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.errors import EXIT_SUCCESS, PipelineError  # noqa: E402
from shared.core.ladder import Rung  # noqa: E402
from shared.core.paths import SPEECH_FIXTURES_DIR  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from tools.measure.clips import SAMPLE_RATE, load_audio  # noqa: E402

LANGUAGE, SECONDS = "en", 28.0


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--formats", default="int8,float16")
    parser.add_argument("--batches", default="1,2,4,8,16,32")
    parser.add_argument("--windows", type=int, default=32, help="so many are heard each time")
    options = parser.parse_args()
    windows = spoken_windows(options.windows)
    try:
        for number_format in options.formats.split(","):
            for batch in map(int, options.batches.split(",")):
                print(measure(windows, options.device, number_format, batch), flush=True)
    except PipelineError as error:
        print(f"error: {error.cause}\nhint: {error.hint}", file=sys.stderr)
        return error.exit_code
    return EXIT_SUCCESS


def spoken_windows(count: int) -> list[Any]:
    """Return full windows of English speech, float32, 16 kHz mono.

    Args:
        count: How many.
    """
    lines = [load_audio(path) for path in sorted(SPEECH_FIXTURES_DIR.glob(f"{LANGUAGE}-*.opus"))]
    whole = np.concatenate(lines)
    length = int(SECONDS * SAMPLE_RATE)
    sound = np.resize(whole, count * length)
    return [sound[first : first + length] for first in range(0, len(sound), length)]


def measure(windows: list[Any], device: str, number_format: str, batch: int) -> str:
    """Return one line: how long all windows took, after one batch to get warm.

    Args:
        windows: From spoken_windows.
        device: cpu or cuda.
        number_format: For example int8.
        batch: Windows at once.
    """
    folder = require_model("whisper", "base")
    recogniser = load_model(
        folder, device=device, compute_type=number_format, threads=0, batch_size=batch
    )
    rung = Rung(device, number_format, batch, SECONDS)
    options = decode_options(load_config(), rung, LANGUAGE, "")
    list(recogniser.whisper.decode_batch(windows[:batch], LANGUAGE, options))
    began = time.perf_counter()
    heard = list(recogniser.whisper.decode_batch(windows, LANGUAGE, options))
    seconds = time.perf_counter() - began
    words = sum(len(unit.tokens) for units in heard for unit in units)
    speed = len(windows) * SECONDS / seconds
    return f"{number_format:13} batch {batch:3}: {seconds:6.1f} s, {speed:6.0f} x, {words} words"


if __name__ == "__main__":
    sys.exit(main())
