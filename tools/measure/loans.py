#!/usr/bin/env python3
"""
Measure loans: how well English words in Devanagari are found and put back into Latin letters.

Reads files of sentences in Devanagari in which English words have their Latin spelling
(tests/fixtures/hinglish/loans_*.txt): loans_tune.txt is what the rule was chosen on,
loans_held_out.txt is what to report. Of files in Roman letters (tune.txt, held_out.txt) the Hindi
words in Devanagari are read: none of them may change. Runs in venv/indictrans2.

Usage:
    venv/indictrans2/bin/python tools/measure/loans.py
    venv/indictrans2/bin/python tools/measure/loans.py FILE --show --json figures.json
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.writing.xlit_integration import find_loan  # noqa: E402
from shared.core.usage import ended  # noqa: E402
from shared.transcript.writing.devanagari import Rewritten  # noqa: E402
from shared.transcript.writing.loan_words import loans_in_latin  # noqa: E402
from tools.measure.hinglish import read_sentences, report  # noqa: E402

FILES = ("loans_tune", "loans_held_out", "tune", "held_out")


@dataclass
class Figures:
    """What was counted in one file."""

    words: int = 0
    english: int = 0
    changed: int = 0
    right: int = 0
    hindi_changed: int = 0
    mistakes: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, float | int | None]:
        """Return the shares that are reported; None where there was nothing to count."""
        return {
            "words": self.words,
            "english_words": self.english,
            "changed": self.changed,
            "hindi_changed": self.hindi_changed,
            "precision": round(self.right / self.changed, 4) if self.changed else None,
            "recall": round(self.right / self.english, 4) if self.english else None,
        }


def expected_words(path: Path) -> list[tuple[str, str]]:
    """Return the words of a file in Devanagari, each with its English word, "" for Hindi.

    Args:
        path: With sentences in Devanagari or in Roman letters.

    Raises:
        InputError: The file cannot be read.
    """
    words = []
    for sentence in read_sentences(path):
        for word, right in zip(sentence.words, sentence.expected, strict=True):
            if not word.isascii():
                words.append((word, right[0] if right else ""))
            elif right:
                words.append((right[0], ""))
    return words


def measure(words: list[tuple[str, str]]) -> Figures:
    """Return how many English words were found, and how many Hindi words were taken for one.

    Args:
        words: In Devanagari, each with its English word, "" for Hindi.
    """
    figures = Figures(words=len(words))
    made = loans_in_latin([Rewritten(word, "kept") for word, _ in words], find_loan)
    for (word, english), got in zip(words, made, strict=True):
        changed = got.text != word
        figures.english += bool(english)
        figures.changed += changed
        figures.hindi_changed += changed and not english
        figures.right += changed and got.text == english
        if got.text != (english or word):
            figures.mistakes.append(f"{word} → {got.text} ({english or 'Hindi'})")
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Measure each file and print the figures; return the exit code.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    return report(__doc__ or "", FILES, lambda path: measure(expected_words(path)), arguments)


if __name__ == "__main__":
    sys.exit(ended(main))
