#!/usr/bin/env python3
"""
Listen: where somebody speaks in short sounds, for whoever has to choose among tracks and channels.

Runs in the environment of the speech detector; prints one JSON line for each file, in order: the
regions as [[start, end], …] in seconds. With --fine each pause ends one, as exactly as the better
of the two detectors tells: for who compares them with the times of subtitles.

Usage:
    venv/pyannote/bin/python scripts/speech/listen.py left.wav right.wav
    venv/pyannote/bin/python scripts/speech/listen.py --fine film.wav
"""

import json
import sys
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.speech.regions import detection_rules  # noqa: E402
from scripts.speech.silero_integration import detect_speech  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.settings import PipelineConfig  # noqa: E402
from shared.media.speech_audio import SpeechAudio  # noqa: E402
from shared.transcript.records.schemas import SpeechSegments  # noqa: E402

FINE = "--fine"
FINE_RULES = {"VAD_PAD": "0", "VAD_MIN_SILENCE": "0.1", "VAD_MIN_SPEECH": "0.1"}
BATCH = 8


def main(paths: list[str]) -> int:
    """Print the speech of each file.

    Args:
        paths: 16 kHz mono WAV files; --fine in front of them.

    Returns:
        The exit code.
    """
    is_fine = paths[:1] == [FINE]
    config = load_config(overrides=FINE_RULES if is_fine else {})
    for path in paths[is_fine:]:
        audio = SpeechAudio(Path(path))[:]
        found = find_finely(audio, config) if is_fine else find_quickly(audio, config)
        sys.stdout.write(json.dumps([[one.start, one.end] for one in found.regions]) + "\n")
    return 0


def find_quickly(audio: Any, config: PipelineConfig) -> SpeechSegments:
    """Return the speech that Silero finds.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        config: The thresholds.
    """
    return detect_speech(audio, detection_rules(config), progress=lambda share: None)


def find_finely(audio: Any, config: PipelineConfig) -> SpeechSegments:
    """Return the speech that pyannote finds, also under music; Silero's where it cannot run.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        config: The detector and its thresholds.
    """
    from scripts.speech.methods import find_speech  # a second and a half more than Silero

    return find_speech(
        audio,
        config,
        weights=None,
        batch_size=BATCH,
        warn=lambda told: None,
        progress=lambda share: None,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
