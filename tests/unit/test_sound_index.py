#!/usr/bin/env python3
"""Tests of shared/glossary/sound_index.py: it finds what a comparison with each word finds."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from shared.glossary.sound_index import SoundIndex
from shared.glossary.sounds import likeness, skeleton

WORD = st.text("abdegikrstvhx", min_size=1, max_size=9) | st.text(
    "गबरवसिीअ्", min_size=1, max_size=6
)


@given(st.lists(WORD, max_size=30), WORD, st.sampled_from([0.5, 0.7, 0.8, 1.0]))
def test_it_finds_what_comparing_with_each_word_finds(
    words: list[str], word: str, least: float
) -> None:
    found = SoundIndex(words).near(word, least)
    assert found == [one for one in words if one in found]
    for one in set(words) - set(found):
        # Words are looked for among those that begin alike, with a sound that can be read.
        begins_alike = one[:2] == word[:2] and bool(skeleton(word[:2]))
        assert likeness(word, one) < least or not begins_alike
    assert all(likeness(word, one) >= least for one in found)


def test_of_many_words_only_the_like_ones_are_compared() -> None:
    dice = random.Random(0)
    words = ["".join(dice.choices("abcdefghijklmnoprstuv", k=7)) for _ in range(3000)]
    found = SoundIndex([*words, "virus"]).near("virous", 0.7)
    assert "virus" in found and len(found) < 30
    assert SoundIndex([]).near("virous", 0.7) == SoundIndex(["virus"]).near("…", 0.7) == []
