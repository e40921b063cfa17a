#!/usr/bin/env python3
"""
Listen: where somebody speaks in short sounds, for whoever has to choose among tracks and channels.

Runs in the environment of the speech detector; prints one JSON line for each file, in order: the
regions as [[start, end], …] in seconds.

Usage:
    venv/pyannote/bin/python scripts/speech/listen.py left.wav right.wav
"""

import json
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.speech.regions import detection_rules  # noqa: E402
from scripts.speech.silero_integration import detect_speech  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.media.speech_audio import SpeechAudio  # noqa: E402


def main(paths: list[str]) -> int:
    """Print the speech of each file.

    Args:
        paths: 16 kHz mono WAV files.

    Returns:
        The exit code.
    """
    rules = detection_rules(load_config())
    for path in paths:
        found = detect_speech(SpeechAudio(Path(path))[:], rules, progress=lambda share: None)
        sys.stdout.write(json.dumps([[one.start, one.end] for one in found.regions]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
