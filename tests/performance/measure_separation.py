#!/usr/bin/env python3
"""
Measure separation: whether Demucs needs the same memory for a long film as for a short one.

Makes a tiny HTDemucs and noise of two lengths, separates each in a process of its own inside the
environment demucs and compares their peaks. A minute of sound takes one core some seven seconds;
what is done so far is told on stderr.

Usage:
    venv/common/bin/python tests/performance/measure_separation.py [--minutes 0.5 3]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.environment_manager import EnvironmentManager  # noqa: E402
from tests.support.engines import make_tiny_model  # noqa: E402
from tests.support.media import ffmpeg  # noqa: E402
from tests.support.tiny_models import HTDEMUCS_NAME, MUSIC_RATE  # noqa: E402

# Bytes of a second of stereo sound as the model sees it.
SECOND_BYTES = MUSIC_RATE * 2 * 4
# The longer film may take this share of its further sound: one kept copy of it would be 1.
TOLERANCE = 0.5
# Two threads that wait for one busy core take minutes for what one does in seconds.
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
SEPARATE = """
import resource, sys
from pathlib import Path
from scripts.sound.demucs_integration import separate_vocals
separate_vocals(
    Path(sys.argv[1]), Path(sys.argv[2]), model=sys.argv[3], repo=Path(sys.argv[4]), device="cpu",
    segment=None, overlap=0.25,
    progress=lambda done: print(f"\\r{done:5.0f} s separated", end="", file=sys.stderr, flush=True),
)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main() -> int:
    """Measure and print; return 1 when the longer film takes more memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--minutes", type=float, nargs=2, default=(0.5, 3.0))
    short, long = sorted(parser.parse_args().minutes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = make_tiny_model("demucs", "htdemucs", folder / "model")
        first, second = (tell_peak(folder, model, length) for length in (short, long))
    allowed = TOLERANCE * 60 * (long - short) * SECOND_BYTES / 2**20
    print(f"{second - first:+.0f} MiB for {long - short:g} min more; {allowed:.0f} are allowed")
    return 1 if second - first > allowed else 0


def tell_peak(folder: Path, model: Path, minutes: float) -> float:
    """Separate noise of some length, print and return the peak memory of the process, MiB.

    Args:
        folder: For the sound.
        model: Folder of the tiny model.
        minutes: Length.
    """
    source = folder / f"{minutes:g}.flac"
    noise = f"anoisesrc=d={60 * minutes}:r={MUSIC_RATE}:a=0.1,aformat=channel_layouts=stereo"
    ffmpeg("-f", "lavfi", "-i", noise, "-c:a", "flac", source)
    python = EnvironmentManager().python("demucs")
    began = time.monotonic()
    done = subprocess.run(
        [python, "-c", SEPARATE, source, folder / "vocals.wav", HTDEMUCS_NAME, model],
        cwd=PROJECT_ROOT,
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    peak, took = float(done.stdout.split()[-1]) / 1024, time.monotonic() - began
    print(file=sys.stderr)
    print(f"{minutes:6.1f} min of stereo sound: peak {peak:6.0f} MiB, {took:.0f} s", flush=True)
    return peak


if __name__ == "__main__":
    sys.exit(main())
