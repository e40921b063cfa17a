#!/usr/bin/env python3
"""
Second opinion: a doubted batch asked once more in another order, and what both answers agree on.

Free translations look moved where they are not, and asking line by line is dear. An engine that
moves lines moves them by their places: with other neighbours it cannot move them in the same way.

Usage:
    from shared.translation.second_opinion import agreed, other_order

    order = other_order(16)                            # places of the lines, in which to ask again
    agreed({1: "Yes."}, {1: "Yes!"}, likeness)         # {1}
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from shared.translation.backend import SourceLine
from shared.translation.joints import END, Likeness, ends_sentence, sentences
from shared.translation.plausible import Identify, folded

# Of fewer lines, no order is another one in every way that counts.
FEWEST_IN_ORDER = 8
TRIES, NEAR = 2000, 2
# Two wordings of a line are alike by as much, and by so much more than two lines are.
LEAST_ALIKE, LEAST_APART = 0.93, 0.02
# And about as long: the longer in parts of the shorter, with some characters free.
MOST_LONGER, FREE = 1.2, 4

Way = Callable[[int], int]


@lru_cache(maxsize=64)
def other_order(count: int) -> tuple[int, ...]:
    """Return the places of lines in an order in which nothing can be moved as in their own.

    Args:
        count: How many lines, at least FEWEST_IN_ORDER.

    Returns:
        Each place once. No two lines stand beside each other that are within two places in their
        own order, and of the usual ways of moving (to a neighbour, by two, in pairs, by halves,
        backwards) none gives a line the same other line's text in both orders; as far as there is
        such an order, else the one with the fewest.
    """
    dice = random.Random(count)
    best, fewest = tuple(range(count)), count * count
    for _ in range(TRIES):
        order = _spread(count, dice)
        same = sum(_moved_alike(order, way) for way in _ways(count))
        same += sum(abs(one - other) <= NEAR for one, other in pairwise(order))
        if same < fewest:
            best, fewest = tuple(order), same
        if not fewest:
            break
    return best


def _spread(count: int, dice: random.Random) -> list[int]:
    """Return places by chance, none beside one near it while there is another."""
    order, left = [dice.randrange(count)], set(range(count))
    left.remove(order[0])
    while left:
        far = [place for place in sorted(left) if abs(place - order[-1]) > NEAR]
        order.append(dice.choice(far or sorted(left)))
        left.remove(order[-1])
    return order


def agreed(first: Mapping[int, str], second: Mapping[int, str], likeness: Likeness) -> set[int]:
    """Return the ids of lines to which two answers say the same.

    What moved went to a neighbour, so that of it the answers differ: who stood beside such a line,
    in either order, is not sure of its own text.

    Args:
        first: Text by id, in the order of the request.
        second: Text by id, in the order of another request; "" where there was none.
        likeness: Compares meanings.
    """
    same = _said_alike(first, second, likeness)
    unsure = {
        line
        for order in (list(first), list(second))
        for pair in pairwise(order)
        for line, beside in (pair, pair[::-1])
        if beside not in same
    }
    return same - unsure


def _said_alike(
    first: Mapping[int, str], second: Mapping[int, str], likeness: Likeness
) -> set[int]:
    both = [number for number, text in first.items() if text.strip() and second.get(number)]
    same = {number for number in both if folded(first[number]) == folded(second[number])}
    others = [number for number in both if number not in same]
    table = likeness([first[n] for n in others], [second[n] for n in both]) if others else None
    for number, row in zip(others, table or (), strict=bool(table)):
        if _looks_alike(first[number], second[number]) and _is_nearest(number, both, row):
            same.add(number)
    return same


def _is_nearest(number: int, both: Sequence[int], row: Sequence[float]) -> bool:
    """Return whether an answer is clearly like the other one to its line, and like no other."""
    own = row[both.index(number)]
    rest = [cosine for other, cosine in zip(both, row, strict=True) if other != number]
    return own >= LEAST_ALIKE and own >= max(rest, default=0.0) + LEAST_APART


def _looks_alike(one: str, other: str) -> bool:
    """Return whether two texts are about as long and end alike: neither has half of another."""
    shorter, longer = sorted((len(one), len(other)))
    same_form = ends_sentence(one) == ends_sentence(other) and sentences(one) == sentences(other)
    return same_form and longer <= MOST_LONGER * shorter + FREE and not _ends_otherwise(one, other)


def _ends_otherwise(one: str, other: str) -> bool:
    """Return whether texts have a sentence in common and another one of which no word is."""
    pairs = [
        (set(folded(own).split()), set(folded(its).split()))
        for own, its in zip(END.split(one), END.split(other), strict=True)
    ]
    return any(own == its for own, its in pairs if own) and any(
        own.isdisjoint(its) for own, its in pairs if own or its
    )


def _ways(count: int) -> list[Way]:
    """Return the ways in which engines move lines: from which place a place has its text."""
    return [
        *(lambda place, by=by: (place + by) % count for by in (-2, -1, 1, 2, count // 2)),
        lambda place: count - 1 - place,
        lambda place: min(place ^ 1, count - 1),
    ]


def _moved_alike(order: Sequence[int], way: Way) -> int:
    """Return how many lines get the same other line's text in both orders."""
    return sum(order[way(place)] == way(line) != line for place, line in enumerate(order))


def foreign_answers(
    lines: Sequence[SourceLine],
    texts: Mapping[int, str],
    wanted: str,
    foreign: Collection[str],
    identify: Identify,
) -> list[int]:
    """Return the ids of answers in a language in which an engine has gone on before.

    Of a few words no language can be told among all, but among two; in a batch, whose lines are
    asked again, what is not surely in the wanted one counts as well.

    Args:
        lines: What was asked, one line or a batch.
        texts: The answers by id.
        wanted: BCP-47, without a script.
        foreign: The languages not wanted in which it has answered; often none.
        identify: Tells languages apart.
    """
    if not foreign:
        return []
    among = [wanted, *foreign]
    good = {wanted} if len(lines) > 1 else {wanted, ""}
    return [
        line.id
        for line in lines
        if identify(texts[line.id], among) not in good | {identify(line.text, among) or wanted}
    ]
