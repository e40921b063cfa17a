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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.core.errors import InputError

NORMALISER = (
    "NFKC, lower case, without apostrophes and punctuation; letters, marks (vowel signs) and "
    "digits kept"
)
APOSTROPHES = "'’`ʼ"
# Cells of the table that an alignment keeps: one byte each.
MOST_CELLS = 600_000_000
MATCH, DELETION, INSERTION = 0, 1, 2
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


def word_errors(reference: str, heard: str) -> tuple[int, int]:
    """Return (edits, words of the reference) after normalisation.

    Args:
        reference: What was said.
        heard: What was understood.
    """
    expected = normalise(reference)
    return distance(expected, normalise(heard)), len(expected)


def character_errors(reference: str, heard: str, with_spaces: bool = False) -> tuple[int, int]:
    """Return (edits, code points of the reference) after normalisation.

    Args:
        reference: What was said.
        heard: What was understood.
        with_spaces: Whether the space between two words counts.
    """
    space = " " if with_spaces else ""
    expected = space.join(normalise(reference))
    return distance(expected, space.join(normalise(heard))), len(expected)


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
    first, second = _numbered(expected, got)
    row: NDArray[Any] = np.arange(len(second) + 1, dtype=np.int32)
    for number, item in enumerate(first, 1):
        row, _ = _next_row(row, second, item, number)
    return int(row[-1])


def align(expected: Sequence[str], got: Sequence[str]) -> list[Pair]:
    """Return the cheapest alignment: pairs of places, None where one side has nothing.

    Args:
        expected: Words of the reference.
        got: Words of what was understood.

    Raises:
        InputError: When both are too long to be compared whole.
    """
    if (len(expected) + 1) * (len(got) + 1) > MOST_CELLS:
        raise InputError(
            f"{len(expected)} and {len(got)} words are too many to be aligned",
            hint="Evaluate the film in parts",
        )
    first, second = _numbered(expected, got)
    row: NDArray[Any] = np.arange(len(second) + 1, dtype=np.int32)
    moves = np.full((len(first) + 1, len(second) + 1), INSERTION, dtype=np.uint8)
    for number, item in enumerate(first, 1):
        row, moves[number] = _next_row(row, second, item, number)
    return _traced(moves)


def _numbered(expected: Sequence[str], got: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return both sequences with a number for each different item."""
    numbers: dict[str, int] = {}
    both = [[numbers.setdefault(item, len(numbers)) for item in one] for one in (expected, got)]
    return np.array(both[0], dtype=np.int32), np.array(both[1], dtype=np.int32)


def _next_row(
    row: NDArray[Any], second: NDArray[Any], item: int, number: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the next row of the table of costs, and the move that each of its cells came by."""
    places = np.arange(len(second) + 1, dtype=np.int32)
    costs: NDArray[Any] = np.empty(len(second) + 1, dtype=np.int32)
    costs[0] = number
    replaced = row[:-1] + (second != item)
    costs[1:] = np.minimum(replaced, row[1:] + 1)
    # An insertion costs one a place: the least of what lies to the left, plus the way from there.
    costs = np.minimum.accumulate(costs - places) + places
    moves = np.full(len(second) + 1, INSERTION, dtype=np.uint8)
    moves[costs == row + 1] = DELETION
    moves[1:][costs[1:] == replaced] = MATCH
    return costs, moves


def _traced(moves: NDArray[Any]) -> list[Pair]:
    """Return the way from the end of the table to its beginning, in reading order."""
    pairs: list[Pair] = []
    above, left = moves.shape[0] - 1, moves.shape[1] - 1
    while above or left:
        move = moves[above, left] if above else INSERTION
        if move == MATCH:
            above, left = above - 1, left - 1
            pairs.append((above, left))
        elif move == DELETION:
            above -= 1
            pairs.append((above, None))
        else:
            left -= 1
            pairs.append((None, left))
    return pairs[::-1]
