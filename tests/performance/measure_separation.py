#!/usr/bin/env python3
"""
Measure separation: whether Demucs needs the same memory for a long film as for a short one.

Makes a tiny HTDemucs and noise of two lengths, separates each in a process of its own inside the
environment demucs and compares their peaks.

Usage:
    venv/common/bin/python tests/performance/measure_separation.py [--minutes 1 10]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from shared.environment_manager import EnvironmentManager  # noqa: E402
from tests.support.engines import make_tiny_model  # noqa: E402
from tests.support.media import ffmpeg  # noqa: E402
from tests.support.tiny_models import HTDEMUCS_NAME  # noqa: E402

# The longer film may take so much more, MiB.
TOLERANCE_MB = 64.0
SEPARATE = """
import resource, sys
from pathlib import Path
from scripts.demucs_integration import separate_vocals
separate_vocals(
    Path(sys.argv[1]), Path(sys.argv[2]), model=sys.argv[3], repo=Path(sys.argv[4]), device="cpu",
    segment=None, overlap=0.25, progress=lambda seconds: None,
)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def main() -> int:
    """Measure and print; return 1 when the longer film takes more memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--minutes", type=float, nargs=2, default=(1.0, 10.0))
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = make_tiny_model("demucs", "htdemucs", folder / "model")
        peaks = [peak_mb(folder, model, length) for length in minutes]
    for length, peak in zip(minutes, peaks, strict=True):
        print(f"{length:6.1f} min of stereo sound: peak {peak:6.0f} MiB")
    return 1 if peaks[1] > peaks[0] + TOLERANCE_MB else 0


def peak_mb(folder: Path, model: Path, minutes: float) -> float:
    """Separate noise of some length; return the peak memory of the process, MiB.

    Args:
        folder: For the sound.
        model: Folder of the tiny model.
        minutes: Length.
    """
    source = folder / f"{minutes:g}.flac"
    noise = f"anoisesrc=d={60 * minutes}:r=44100:a=0.1,aformat=channel_layouts=stereo"
    ffmpeg("-f", "lavfi", "-i", noise, "-c:a", "flac", source)
    python = EnvironmentManager().python("demucs")
    done = subprocess.run(
        [python, "-c", SEPARATE, source, folder / "vocals.wav", HTDEMUCS_NAME, model],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
