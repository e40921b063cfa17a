#!/usr/bin/env python3
"""
Words: what counts as the same text, and word and character error rates.

The normaliser: NFKC, lower case, apostrophes and invisible joiners left out, every letter, mark
and digit kept (vowel signs of Indic scripts are marks), everything else a space. Numbers are not
spelled out. Word errors count words; character errors count code points, without spaces or, as
jiwer does, with one between two words.

Usage:
    from tools.evaluation.words import align, normalise, word_errors

    word_errors("मैं घर गया।", "मैं घर गयी")  # (1, 3)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

from rapidfuzz.distance import Levenshtein

NORMALISER = (
    "NFKC, lower case, without apostrophes and punctuation; letters, marks (vowel signs) and "
    "digits kept"
)
APOSTROPHES = "'’`ʼ"
# The band of the table that is looked at first; it doubles until the distance fits. Without it, the
# whole table is made: ten times as long for the characters of a film.
FEW_EDITS = 1000
Pair = tuple[int | None, int | None]


def normalise(text: str) -> list[str]:
    """Return the words of a text in the form in which they are compared.

    Args:
        text: Any text.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    kept = []
    for char in folded:
        category = unicodedata.category(char)
        if char in APOSTROPHES or category == "Cf":
            continue
        kept.append(char if category[0] in "LMN" else " ")
    return "".join(kept).split()


def word_errors(reference: str, hypothesis: str) -> tuple[int, int]:
    """Return (edits, words of the reference) after normalisation.

    Args:
        reference: What was said.
        hypothesis: What was understood.
    """
    expected = normalise(reference)
    return distance(expected, normalise(hypothesis)), len(expected)


def character_errors(reference: str, hypothesis: str, with_spaces: bool = False) -> tuple[int, int]:
    """Return (edits, code points of the reference) after normalisation.

    Args:
        reference: What was said.
        hypothesis: What was understood.
        with_spaces: Whether the space between two words counts.
    """
    space = " " if with_spaces else ""
    expected = space.join(normalise(reference))
    return distance(expected, space.join(normalise(hypothesis))), len(expected)


def fraction(edits: int, length: int) -> float:
    """Return an error rate as jiwer has it, 1 = 100 %; without a reference, the number of edits.

    Args:
        edits: Substitutions, deletions and insertions.
        length: Words or characters of the reference.
    """
    return edits / length if length else float(edits)


def rate(edits: int, length: int) -> float:
    """Return an error rate in percent; without a reference, the number of edits.

    Args:
        edits: Substitutions, deletions and insertions.
        length: Words or characters of the reference.
    """
    return 100.0 * edits / length if length else float(edits)


def distance(expected: Sequence[str], got: Sequence[str]) -> int:
    """Return the edit distance of two sequences.

    Args:
        expected: Words, or a text as characters.
        got: The same of what was understood.
    """
    return Levenshtein.distance(expected, got, score_hint=FEW_EDITS)


def align(expected: Sequence[str], got: Sequence[str]) -> list[Pair]:
    """Return the cheapest alignment: pairs of places, None where one side has nothing.

    Args:
        expected: Words of the reference.
        got: Words of what was understood.
    """
    pairs: list[Pair] = []
    for step in Levenshtein.opcodes(expected, got):
        first, second = range(step.src_start, step.src_end), range(step.dest_start, step.dest_end)
        pairs += zip_longest(first, second)
    return pairs
