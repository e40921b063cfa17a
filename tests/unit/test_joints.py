#!/usr/bin/env python3
"""Tests of shared/translation/joints.py, where no meaning can be compared."""

from __future__ import annotations

import random

import pytest

from shared.translation.joints import is_cut_elsewhere
from tests.support.dialogue import DAMAGES, lines_of


def nothing_known(sources: object, texts: object) -> None:
    """Compare no meanings."""


@pytest.mark.parametrize(
    ("sources", "texts", "moved"),
    [
        (["Wo bist du?", "Hier."], ["Where are you?", "Here."], False),
        (["Wo bist du?", "Hier."], ["Where are", "you? Here."], False),  # one of two: no sign
        (
            ["Ja.", "Wo bist du?", "Hier.", "Gut."],
            ["Yes.", "Where are", "you? Here.", "Good."],
            True,
        ),
        (["Nein. Ich gehe.", "Gut."], ["No.", "I'm going. Good."], True),
        (["Nie! Niemals.", "Gut."], ["Jamais !", "Jamais. Bien."], True),
        (["ผมไม่รู้", "ไปกันเถอะ"], ["I don't know.", "Let's go."], False),
        (["I don't know.", "Let's go."], ["ผมไม่รู้", "ไปกันเถอะ"], False),
    ],
)
def test_where_one_line_ends_and_the_next_begins(
    sources: list[str], texts: list[str], moved: bool
) -> None:
    assert is_cut_elsewhere(sources, texts, nothing_known) == moved


@pytest.mark.parametrize("name", ["half of a line moved down", "half of a line moved up"])
def test_signs_alone_find_most_moved_halves_and_leave_most_good_answers(name: str) -> None:
    caught = doubted = tried = 0
    for target in ("de", "es", "fr"):
        for start in range(0, 64, 16):
            sources = lines_of("en")[start : start + 16]
            texts = lines_of(target)[start : start + 16]
            answer = DAMAGES[name](range(16), texts, random.Random(start))
            tried += 1
            caught += is_cut_elsewhere(sources, [text for _, text in answer], nothing_known)
            doubted += is_cut_elsewhere(sources, texts, nothing_known)
    assert caught >= 0.75 * tried and doubted <= 0.25 * tried
