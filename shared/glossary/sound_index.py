#!/usr/bin/env python3
"""
Sound index: which of many words are nearly a given one, without a comparison with each.

Usage:
    from shared.glossary.sound_index import SoundIndex

    SoundIndex(["virus", "very", "dog"]).near("Virous", least=0.7)    # ["virus"]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from shared.glossary.sounds import likeness, plain_letters, romanised, skeleton

ROUNDING = 1e-6


class SoundIndex:
    """Words by their first sound.

    Args:
        words: Folded; those without letters that can be read are left out.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words: dict[str, list[str]] = {}
        for word in words:
            self._words.setdefault(_first_sound(word), []).append(word)
        self._counted: dict[str, list[_Counts]] = {}

    def near(self, word: str, least: float) -> list[str]:
        """Return the words that are at least so alike, see sounds.likeness.

        Args:
            word: In any script.
            least: 0 to 1.
        """
        first = _first_sound(word)
        words = self._words.get(first, [])
        if not first or not words:
            return []
        if first not in self._counted:
            self._counted[first] = [_Counts(words, _letters), _Counts(words, skeleton)]
        letters, sounds = self._counted[first]
        bound = (letters.most_alike(word) + sounds.most_alike(word)) / 2
        possible = np.flatnonzero(bound >= least - ROUNDING)
        return [words[at] for at in possible if likeness(word, words[at]) >= least]


class _Counts:
    """How often each letter stands in each of some words, as letters or as sounds.

    Args:
        words: Not empty.
        spell: Gives the letters that count.
    """

    def __init__(self, words: Sequence[str], spell: Callable[[str], str]) -> None:
        self._spell = spell
        spelt = [spell(word) for word in words]
        self._lengths = np.array([len(text) for text in spelt])
        place = {letter: number for number, letter in enumerate(sorted(set("".join(spelt))))}
        numbers = np.array([place[letter] for text in spelt for letter in text], dtype=np.int64)
        cells = numbers * len(words) + np.repeat(np.arange(len(words)), self._lengths)
        counts = np.bincount(cells, minlength=len(place) * len(words))
        rows = counts.reshape(len(place), len(words)).astype(np.uint8)
        self._by_letter = dict(zip(place, rows, strict=True))

    def most_alike(self, word: str) -> NDArray[np.float64]:
        """Return the highest share that a word can have in common with each, by edit distance.

        Every letter that only one of two words has takes an edit of its own.
        """
        own = self._spell(word)
        shared = np.zeros(len(self._lengths), dtype=np.uint8)
        for letter, times in Counter(own).items():
            if letter not in self._by_letter:
                continue
            shared += np.minimum(self._by_letter[letter], min(times, 255))
        longest = np.maximum(np.maximum(self._lengths, len(own)), 1)
        return np.asarray(shared / longest, dtype=np.float64)


def _letters(word: str) -> str:
    return plain_letters(romanised(word))


def _first_sound(word: str) -> str:
    return skeleton(word[:2])[:1]
