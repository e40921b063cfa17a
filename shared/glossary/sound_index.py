#!/usr/bin/env python3
"""
Sound index: which of many words are nearly a given one, without a comparison with each.

Usage:
    from shared.glossary.sound_index import SoundIndex

    SoundIndex(["virus", "very", "dog"]).near("Virous", least=0.7)    # ["virus"]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

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
        self._spelt: dict[str, tuple[list[str], list[str]]] = {}

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
        if first not in self._spelt:
            self._spelt[first] = [_letters(one) for one in words], [skeleton(one) for one in words]
        letters, sounds = self._spelt[first]
        bound = (_shares(_letters(word), letters) + _shares(skeleton(word), sounds)) / 2
        possible = np.flatnonzero(bound >= least - ROUNDING)
        return [words[at] for at in possible if likeness(word, words[at]) >= least]


def _shares(own: str, spelt: Sequence[str]) -> NDArray[np.float32]:
    """Return which share of a spelling is that of each of some others, by edit distance."""
    return np.asarray(cdist([own], spelt, scorer=Levenshtein.normalized_similarity)[0])


def _letters(word: str) -> str:
    return plain_letters(romanised(word))


def _first_sound(word: str) -> str:
    return skeleton(word[:2])[:1]
