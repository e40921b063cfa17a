#!/usr/bin/env python3
"""Tests of shared/translation/together.py, where no meaning can be compared."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from shared.translation.backend import SourceLine
from shared.translation.together import crossed, doubts
from tests.support.dialogue import DAMAGES, lines_of


def nothing_known(sources: object, texts: object) -> None:
    """Compare no meanings."""


def batch(language: str, start: int, size: int = 16) -> list[SourceLine]:
    """Return lines of the dialogue."""
    return [SourceLine(n, text) for n, text in enumerate(lines_of(language)[start : start + size])]


def test_a_missing_answer_puts_the_whole_batch_in_doubt() -> None:
    lines = batch("de", 0, 3)
    assert set(doubts(lines, {0: "Yes.", 1: "No."}, nothing_known)) == {0, 1, 2}
    assert set(doubts(lines, {0: "Yes.", 1: " ", 2: "No."}, nothing_known)) == {0, 1, 2}


def test_points_are_no_answer_to_a_line_with_words() -> None:
    lines = batch("de", 0, 2)
    assert set(doubts(lines, {0: "Yes. No.", 1: "…"}, nothing_known)) == {0, 1}
    sung = [lines[0], SourceLine(1, "♪ ♪")]
    assert doubts(sung, {0: "Where have you been?", 1: "♪"}, nothing_known) == {}


def test_one_text_for_all_lines_is_none() -> None:
    lines = batch("de", 0, 4)
    answer = dict.fromkeys(range(4), "I'm sorry, I can't.")
    assert set(doubts(lines, answer, nothing_known)) == {0, 1, 2, 3}


def test_lines_that_are_the_same_may_have_the_same_answer() -> None:
    lines = [SourceLine(0, "Komm endlich her!"), SourceLine(1, "Komm endlich her!")]
    answer = {0: "Come here at last!", 1: "Come here at last!"}
    assert doubts(lines, answer, nothing_known) == {}


def test_an_answer_that_holds_the_next_ones_is_doubted_with_it() -> None:
    lines = batch("de", 40, 3)
    right = lines_of("en")[40:43]
    answer = {0: f"{right[0]} {right[1]}", 1: right[1], 2: right[2]}
    assert {0, 1} <= set(doubts(lines, answer, nothing_known))


@pytest.mark.parametrize("name", ["rotated", "one left out, rest moved up", "reversed"])
def test_signs_alone_find_most_moved_lines(name: str) -> None:
    caught = tried = 0
    for target in ("de", "es", "fr", "hi"):
        for start in range(0, 64, 16):
            lines, dice = batch("en", start), random.Random(start)
            texts = lines_of(target)[start : start + 16]
            answer = dict(DAMAGES[name]([line.id for line in lines], texts, dice))
            tried += 1
            caught += bool(doubts(lines, answer, nothing_known))
    assert caught >= 0.9 * tried


def test_signs_alone_leave_most_good_answers() -> None:
    doubted = 0
    for target in ("de", "es", "fr", "hi"):
        for start in range(0, 64, 16):
            texts = dict(enumerate(lines_of(target)[start : start + 16]))
            doubted += bool(doubts(batch("en", start), texts, nothing_known))
    assert doubted <= 8


def test_two_answers_that_fit_the_other_way_round_are_not_sure_whatever_is_asked_again() -> None:
    lines, right = batch("de", 0, 4), dict(enumerate(lines_of("en")[:4]))

    def likeness(sources: Sequence[str], texts: Sequence[str]) -> list[list[float]]:
        own = {line.text: right[line.id] for line in lines}
        return [[0.9 if own[source] == text else 0.8 for text in texts] for source in sources]

    assert crossed(lines, right, likeness) == set()
    swapped = right | {0: right[3], 3: right[0]}
    assert crossed(lines, swapped, likeness) == {0, 3}
    assert crossed(lines, swapped, nothing_known) == set()
    # A model that is stuck says one text in any order; a line beside may hold what is missing.
    stuck = right | {2: right[1], 3: right[1]}
    assert crossed(lines, stuck, nothing_known) == {0, 1, 2, 3}
