#!/usr/bin/env python3
"""Tests of shared/translation/second_opinion.py."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from shared.translation.joints import Likeness
from shared.translation.second_opinion import FEWEST_IN_ORDER, agreed, other_order
from tests.support.dialogue import DAMAGES, lines_of

# Ways that move lines by their places, and by no dice.
BY_PLACE = (
    "rotated",
    "rotated back",
    "reversed",
    "all pairs swapped",
    "halves of the batch swapped",
    "one too late from the middle",
    "ids one too high",
)


def nothing_known(sources: object, texts: object) -> None:
    """Compare no meanings."""


def like(value: float, other: float) -> Likeness:
    """Return what finds each text as like its own as told, and to all others."""

    def likeness(sources: Sequence[str], texts: Sequence[str]) -> list[list[float]]:
        return [[value if s[:3] == t[:3] else other for t in texts] for s in sources]

    return likeness


@pytest.mark.parametrize("count", [8, 9, 13, 16, 24, 32, 64])
def test_every_line_is_asked_once_and_not_in_its_order(count: int) -> None:
    order = other_order(count)
    assert sorted(order) == list(range(count)) and order == other_order(count)
    # Two that stand beside each other in both orders could be swapped in both.
    assert all(abs(one - other) > 2 for one, other in pairwise(order))


@pytest.mark.parametrize("name", BY_PLACE)
@pytest.mark.parametrize("count", [FEWEST_IN_ORDER, 11, 16, 32])
def test_what_is_moved_by_its_place_is_moved_otherwise_in_another_order(
    name: str, count: int
) -> None:
    right = lines_of("de")[:count]
    ids = list(range(count))
    order = other_order(count)
    first = dict(DAMAGES[name](ids, right, random.Random(0)))
    again = dict(DAMAGES[name](ids, [right[place] for place in order], random.Random(0)))
    second = {line: again[number] for number, line in enumerate(order) if number in again}
    taken = agreed(first, second, nothing_known)
    assert all(first[number] == right[number] for number in taken), (name, taken)


def test_what_both_say_is_taken_whatever_its_case_and_points() -> None:
    first = {1: "Yes!", 2: "No.", 3: "So?", 4: "Where are you?", 5: "Go!", 6: "Gone.", 7: ""}
    second = {3: "so", 1: "yes", 2: "No…", 6: "Gone", 5: "Go", 4: "Where were you?", 7: ""}
    # Who stood beside a line of which the answers differ may have half of it.
    assert agreed(first, second, nothing_known) == {1, 2}


def test_half_of_a_line_that_two_answers_lack_is_found_by_where_it_went() -> None:
    right = {1: "I see.", 2: "Wait! I'm coming.", 3: "Fine.", 4: "Really?", 5: "No."}
    first = right | {1: "I see. Wait!", 2: "I'm coming."}
    second = {n: right[n] for n in (5, 3, 1, 4, 2)} | {4: "Really? Wait!", 2: "I'm coming."}
    assert 2 not in agreed(first, second, nothing_known)


@pytest.mark.parametrize(
    ("first", "second", "own", "others", "same"),
    [
        ("Where have you been?", "Where were you then?", 0.97, 0.85, True),
        ("Where have you been?", "Where were you then?", 0.90, 0.80, False),  # not like enough
        ("Where have you been?", "Where were you then?", 0.97, 0.96, False),  # like another as well
        ("Where have you", "Where have you been?", 0.97, 0.85, False),  # half of a line
        ("Where have you been? No.", "Where have you been?", 0.97, 0.85, False),  # more than a line
        ("Where is it? Over there!", "Where is it? Right over there!", 0.97, 0.85, True),
        ("Where is it? Hold on tight.", "Where is it? I hope so.", 0.97, 0.85, False),  # beside it
        ("Where is it?", "Where is it then, that thing I gave you?", 0.97, 0.85, False),
    ],
)
def test_other_words_are_the_same_where_they_say_the_same(
    first: str, second: str, own: float, others: float, same: bool
) -> None:
    before, after = {1: first, 3: "Oh.", 2: "Go!"}, {3: "Oh.", 2: "Go!", 1: second}
    assert agreed(before, after, like(own, others)) == ({1, 2, 3} if same else set())
