#!/usr/bin/env python3
"""
Measure Hinglish: how well Hindi words are told from English ones, and written in Devanagari.

Reads files of sentences in which every Hindi word has its Devanagari (tests/fixtures/hinglish):
tune.txt is what the numbers in shared/transcript were chosen on, held_out.txt is what to report.
Runs in venv/indictrans2, which holds the libraries.

Usage:
    venv/indictrans2/bin/python tools/measure/hinglish.py
    venv/indictrans2/bin/python tools/measure/hinglish.py FILE --show --json figures.json
"""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.writing.xlit_integration import open_hindi  # noqa: E402
from shared.core.errors import EXIT_SUCCESS, InputError  # noqa: E402
from shared.core.paths import MODELS_DIR  # noqa: E402
from shared.core.usage import CommandParser, ended, named_path  # noqa: E402
from shared.transcript.writing.devanagari import HindiKnowledge, into_devanagari  # noqa: E402

FIXTURES = PROJECT_ROOT / "tests" / "fixtures" / "hinglish"
NUKTA, JOINERS = "\u093c", ("\u200c", "\u200d")


@dataclass(frozen=True)
class Sentence:
    """Words as typed; for each the spellings in Devanagari that are right, none for English."""

    words: list[str]
    expected: list[list[str]]


@dataclass
class Figures:
    """What was counted in one file."""

    words: int = 0
    labelled: int = 0
    hindi: int = 0
    found: int = 0
    written: int = 0
    by_origin: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    mistakes: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, float | int | dict[str, int]]:
        """Return the shares that are reported."""
        return {
            "words": self.words,
            "label_accuracy": round(self.labelled / self.words, 4),
            "hindi_words": self.hindi,
            "hindi_recall": round(self.found / self.hindi, 4),
            "devanagari_accuracy": round(self.written / self.hindi, 4),
            "by_origin": self.by_origin,
            "seconds": round(self.seconds, 1),
        }


def read_sentences(path: Path) -> list[Sentence]:
    """Return the sentences of a file: word=देवनागरी|देवनागरी is Hindi, a bare word English.

    Args:
        path: The file; lines that begin with # are notes.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read: {error}", hint="Give a file as tune.txt"
        ) from error
    sentences = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            parts = [token.partition("=") for token in line.split()]
            expected = [right.split("|") if right else [] for _, _, right in parts]
            sentences.append(Sentence([word for word, _, _ in parts], expected))
    return sentences


def same_spelling(word: str) -> str:
    """Return a Devanagari word without what people leave out or exchange: nukta, moon, joiners.

    Args:
        word: In Devanagari.
    """
    plain = unicodedata.normalize("NFD", word).replace(NUKTA, "").replace("ँ", "ं")
    for joiner in JOINERS:
        plain = plain.replace(joiner, "")
    return plain


def measure(sentences: list[Sentence], knowledge: HindiKnowledge) -> Figures:
    """Return how many words were told apart and written rightly.

    Args:
        sentences: What to read.
        knowledge: Hindi and English words.
    """
    figures = Figures()
    began = time.monotonic()
    for sentence in sentences:
        made = into_devanagari(sentence.words, knowledge)
        for word, right, got in zip(sentence.words, sentence.expected, made, strict=True):
            is_hindi = got.origin != "english"
            written = same_spelling(got.text) in map(same_spelling, right)
            figures.words += 1
            figures.labelled += is_hindi == bool(right)
            figures.hindi += bool(right)
            figures.found += is_hindi and bool(right)
            figures.written += written
            figures.by_origin[got.origin] = figures.by_origin.get(got.origin, 0) + 1
            if is_hindi != bool(right) or right and not written:
                figures.mistakes.append(f"{word} → {got.text} ({'|'.join(right) or 'English'})")
    figures.seconds = time.monotonic() - began
    return figures


class Measured(Protocol):
    """What was counted in one file."""

    mistakes: list[str]

    def summary(self) -> dict[str, Any]:
        """Return the figures that are reported."""


def report(
    purpose: str, names: Sequence[str], measured: Callable[[Path], Measured], argv: list[str] | None
) -> int:
    """Measure files and print the figures of each; return the exit code.

    Args:
        purpose: The tool's module docstring.
        names: Fixtures that are measured where no files are given.
        measured: Measures one file.
        argv: The command line, None for that of the process.
    """
    program = f"tools/measure/{Path(sys.argv[0]).name}"
    parser = CommandParser(prog=program, description=purpose.split("\n\n")[1])
    parser.add_argument("files", nargs="*", type=named_path, help=f"default: {', '.join(names)}")
    parser.add_argument("--show", action="store_true", help="print every mistake")
    parser.add_argument("--json", type=named_path, help="write the figures here, too")
    options = parser.parse_args(argv)
    found = {}
    for path in options.files or [FIXTURES / f"{name}.txt" for name in names]:
        figures = measured(path)
        found[path.stem] = figures.summary()
        print(f"{path.stem}: {json.dumps(found[path.stem])}")
        print("".join(f"    {one}\n" for one in figures.mistakes if options.show), end="")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return EXIT_SUCCESS


def main(arguments: list[str] | None = None) -> int:
    """Measure each file and print the figures; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """

    def measured(path: Path) -> Figures:
        with open_hindi(MODELS_DIR) as knowledge:
            return measure(read_sentences(path), knowledge)

    return report(__doc__ or "", ("tune", "held_out"), measured, arguments)


if __name__ == "__main__":
    sys.exit(ended(main))
