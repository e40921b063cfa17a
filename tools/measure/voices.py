#!/usr/bin/env python3
"""
Measure voices: how well each embedding tells whether two stretches of speech are one speaker's.

Recordings of one speaker each are cut into stretches; each pair is one speaker's or two speakers'.
The equal error rate is where as many pairs of one are taken for two as the other way round.

Usage:
    venv/pyannote/bin/python tools/measure/voices.py --music music.mp3 a.flac b.flac c.opus …
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.speech import campplus_integration, resemblyzer_integration  # noqa: E402
from shared.core.paths import MODELS_DIR  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from tools.measure.clips import measured  # noqa: E402
from tools.measure.conversations import leveled  # noqa: E402
from tools.measure.diarization import LEVEL_DB, RATE  # noqa: E402
from tools.measure.speech_detection import load_sound  # noqa: E402

BATCH = 16
# Of a stretch so much is speech: its frames within 30 dB of the recording's loudest.
SPOKEN, QUIET_DB, FRAME = 0.6, 30.0, 320
LONGEST = 60

Stretches = list[tuple[str, Any]]


def stretches(recordings: dict[str, Any], seconds: float) -> Stretches:
    """Return stretches of speech with their speakers, at one level.

    Args:
        recordings: Name of the speaker → float32, 16 kHz mono, shape (samples,).
        seconds: Length of each.
    """
    import numpy as np

    length = int(seconds * RATE)
    found: Stretches = []
    for name, samples in recordings.items():
        frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
        level = 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-10)
        loud = np.repeat(level > level.max() - QUIET_DB, FRAME)
        starts = range(0, len(loud) - length + 1, length)
        kept = [one for one in starts if loud[one : one + length].mean() >= SPOKEN][:LONGEST]
        found += [(name, leveled(samples[one : one + length], LEVEL_DB)) for one in kept]
    return found


def over_music(spoken: Stretches, music: Any, below_db: float) -> Stretches:
    """Return the stretches, each over another place of the music.

    Args:
        spoken: From stretches.
        music: float32, 16 kHz mono, shape (samples,).
        below_db: How far the music lies below speech.
    """
    import numpy as np

    chance = np.random.default_rng(1)
    mixed: Stretches = []
    for name, samples in spoken:
        first = int(chance.integers(len(music) - len(samples)))
        under = leveled(music[first : first + len(samples)], LEVEL_DB - below_db)
        mixed.append((name, (samples + under).astype(np.float32)))
    return mixed


def equal_error_rate(voices: Any, names: list[str]) -> float:
    """Return the equal error rate of all pairs, percent.

    Args:
        voices: Vectors of length 1, shape (stretches, values).
        names: Whose each is.
    """
    import numpy as np

    first, second = np.triu_indices(len(names), 1)
    likeness = (voices @ voices.T)[first, second]
    same = np.array(names)[first] == np.array(names)[second]
    bounds = np.sort(likeness)
    refused = np.searchsorted(np.sort(likeness[same]), bounds) / same.sum()
    taken = 1 - np.searchsorted(np.sort(likeness[~same]), bounds) / (~same).sum()
    place = int(np.abs(refused - taken).argmin())
    return float(50 * (refused[place] + taken[place]))


def embedders() -> dict[str, Callable[[Stretches], Any]]:
    """Return what gives the voices of stretches, by the name of the network."""
    camp = campplus_integration.open_network(MODELS_DIR)
    ge2e = resemblyzer_integration.open_network(MODELS_DIR)

    def by_campplus(spoken: Stretches) -> Any:
        spectra = [campplus_integration.spectrum(samples) for _, samples in spoken]
        return campplus_integration.embed(camp, spectra, batch_size=BATCH)

    def by_ge2e(spoken: Stretches) -> Any:
        import numpy as np

        seconds = len(spoken[0][1]) / RATE
        spans = [(number * seconds, (number + 1) * seconds) for number in range(len(spoken))]
        sound = np.concatenate([samples for _, samples in spoken])
        return resemblyzer_integration.embed(ge2e, sound, spans, batch_size=BATCH)

    return {"CAM++": by_campplus, "GE2E": by_ge2e}


def measure_all(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Print and return the figures of each network.

    Args:
        options: Those of the command line.
    """
    recordings = {path.stem: load_sound(path, "auto") for path in options.recordings}
    cases = {f"{one:g} s": stretches(recordings, one) for one in options.seconds or [3.0, 1.6]}
    if options.music:
        music = load_sound(options.music, "auto")
        under = {
            f"{name} under music": over_music(spoken, music, options.below)
            for name, spoken in cases.items()
        }
        cases |= under
    rows = []
    for network, voices_of in embedders().items():
        for case, spoken in cases.items():
            began = time.process_time()
            voices = voices_of(spoken)
            took = time.process_time() - began
            names = [name for name, _ in spoken]
            row = {"network": network, "case": case, "stretches": len(names)}
            row |= {"speakers": len(set(names)), "eer": equal_error_rate(voices, names)}
            row["cpu_ms"] = 1000 * took / len(names)
            cells = (f"{k} {v:.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items())
            print(", ".join(cells), flush=True)
            rows.append(row)
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    parser = CommandParser(
        prog="tools/measure/voices.py", description=(__doc__ or "").strip().split("\n")[0]
    )
    parser.add_argument("recordings", type=named_path, nargs="+", help="one speaker a file")
    parser.add_argument("--music", type=named_path, help="what is laid under the stretches")
    parser.add_argument("--below", type=float, default=5.0, help="dB between speech and music")
    parser.add_argument("--seconds", type=float, action="append", help="lengths (3 and 1.6)")
    parser.add_argument("--json", type=named_path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    return measured(lambda: measure_all(options), options.json)


if __name__ == "__main__":
    sys.exit(ended(main))
