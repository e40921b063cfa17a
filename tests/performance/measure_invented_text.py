#!/usr/bin/env python3
"""
Measure invented text: ten minutes in which nobody speaks, and the lines that come out of them.

Silence, noise of three colours, chords, a melody and drums are made, and detected and recognised
exactly as a film is; any file of music can be added. Run it in the whisperx environment.

Usage:
    venv/whisperx/bin/python tests/performance/measure_invented_text.py [--minutes 10] [--add FILE]…
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

from scripts.speech.methods import find_speech  # noqa: E402
from scripts.whisper.recognition import decode_options  # noqa: E402
from scripts.whisperx_integration import Recogniser, load_model  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.ladder import Rung  # noqa: E402
from shared.models.store import require_model  # noqa: E402
from tests.support.sounds import RATE, Audio, beat, music, noise, tune  # noqa: E402
from tools.measure.clips import load_audio  # noqa: E402

LANGUAGE = "en"


def main() -> int:
    """Measure and print; return 1 when there is a line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--minutes", type=float, default=10.0, help="of generated sound")
    parser.add_argument("--add", type=Path, action="append", default=[], help="music to add")
    arguments = parser.parse_args()
    recogniser = load_model(
        require_model("whisper", "base"), device="cpu", compute_type="int8", threads=0, name="base"
    )
    sounds = generated(arguments.minutes * 60)
    sounds |= {path.name: load_audio(path) for path in arguments.add}
    lines = 0
    for name, audio in sounds.items():
        lines += measure(recogniser, name, audio)
    seconds = sum(len(audio) for audio in sounds.values()) / RATE
    print(f"{lines} lines in {seconds:.0f} s in which nobody speaks")
    return 1 if lines else 0


def generated(seconds: float) -> dict[str, Audio]:
    """Return sounds by name, of this length in all."""
    part = seconds / 10
    return {
        "silence": np.zeros(int(2 * part * RATE), dtype=np.float32),
        "white noise": noise(part),
        "pink noise": noise(part, 1.0),
        "brown noise": noise(part, 2.0),
        "chords": music(2 * part),
        "melody": tune(2 * part),
        "drums": beat(part),
    }


def measure(recogniser: Recogniser, name: str, audio: Any) -> int:
    """Recognise one sound with the pipeline's defaults, print its figures, return its lines."""
    config = load_config()
    began = time.monotonic()
    speech = find_speech(
        audio, config, weights=None, batch_size=16, warn=print, progress=lambda share: None
    )
    options = decode_options(config, Rung("cpu", "int8", chunk_length=28.0), LANGUAGE, "")
    found = recogniser.transcribe(audio, speech.regions, options, progress=lambda share: None)
    assert found.coverage is not None
    print(
        f"{name:24} {len(audio) / RATE:6.1f} s  taken for speech "
        f"{found.coverage.speech_seconds:5.1f} s  lines {len(found.segments)}  "
        f"quarantined {len(found.quarantined)}  ({time.monotonic() - began:.0f} s)",
        flush=True,
    )
    for segment in found.segments:
        print(f"    {segment.start:.2f} {segment.text}")
    return len(found.segments)


if __name__ == "__main__":
    sys.exit(main())
