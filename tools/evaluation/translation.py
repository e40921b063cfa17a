#!/usr/bin/env python3
"""
Translation: chrF and BLEU by groups of lines that are said at the same time, above a floor.

A score of a whole document cannot judge: wrong passages of the same speaker score 25 to 41. So
lines are compared group by group, and the same groups in a wrong order give the floor that a
translation must clearly exceed. Both scores are sacrebleu's with its defaults over normalised words
(chrF2: orders 1 to 6, beta 2, without spaces; BLEU-4, exponential smoothing), but that text where
the reference has none counts against chrF too.

Usage:
    from tools.evaluation.translation import score_translation

    score_translation(reference, hypothesis).chrf
"""

from __future__ import annotations

import math
import random
import statistics
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tools.evaluation.inputs import Line
from tools.evaluation.words import normalise

CHARACTER_ORDER = 6
WORD_ORDER = 4
BETA = 2.0
# Lines belong together when they share this much of the shorter one's time.
SHARED_TIME = 0.5
SHUFFLES = 20
SEED = 0
Group = tuple[str, str]


@dataclass(frozen=True)
class TranslationScore:
    """Corpus scores from 0 to 100; the floor is the mean over shuffled groups."""

    groups: int
    chrf: float
    chrf_floor: float | None
    bleu: float
    bleu_floor: float | None


def score_translation(reference: Sequence[Line], hypothesis: Sequence[Line]) -> TranslationScore:
    """Return the scores of a translation against a reference translation.

    Args:
        reference: Its lines, timed; without times, line by line.
        hypothesis: Lines of the translation.
    """
    groups = aligned_groups(reference, hypothesis)
    wrong = _wrong_orders(len(groups))
    (right_chrf, *wrong_chrf), (right_bleu, *wrong_bleu) = (
        score(groups, [0, *wrong]) for score in (chrf, bleu)
    )
    return TranslationScore(
        groups=len(groups),
        chrf=right_chrf,
        chrf_floor=statistics.mean(wrong_chrf) if wrong else None,
        bleu=right_bleu,
        bleu_floor=statistics.mean(wrong_bleu) if wrong else None,
    )


def aligned_groups(reference: Sequence[Line], hypothesis: Sequence[Line]) -> list[Group]:
    """Return (reference, hypothesis) texts, normalised, of lines that are said together.

    Args:
        reference: Lines in order.
        hypothesis: Lines in order.
    """
    lines = [(0, line) for line in reference] + [(1, line) for line in hypothesis]
    parents = list(range(len(lines)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for first, second in _pairs(reference, hypothesis):
        parents[root(len(reference) + second)] = root(first)
    texts: dict[int, tuple[list[str], list[str]]] = {}
    order = sorted(range(len(lines)), key=lambda index: (lines[index][1].start or 0.0, index))
    for index in order:
        side, line = lines[index]
        texts.setdefault(root(index), ([], []))[side].extend(normalise(line.said))
    joined = [(" ".join(first), " ".join(second)) for first, second in texts.values()]
    return [group for group in joined if any(group)]


def chrf(groups: Sequence[Group], shifts: Sequence[int] = (0,)) -> list[float]:
    """Return chrF2 over all groups, 0 to 100, for each shift.

    Args:
        groups: (reference, hypothesis).
        shifts: By how many groups the hypotheses are moved against the references.
    """
    precisions: list[list[float]] = [[] for _ in shifts]
    recalls: list[list[float]] = [[] for _ in shifts]
    texts = [("".join(first.split()), "".join(second.split())) for first, second in groups]
    for order in range(1, CHARACTER_ORDER + 1):
        grams = _Grams(texts, order)
        for matches, precision, recall in zip(
            map(grams.matches, shifts), precisions, recalls, strict=True
        ):
            if grams.expected and grams.got:
                precision.append(matches / grams.got)
                recall.append(matches / grams.expected)
    return [_f_score(*both) for both in zip(precisions, recalls, strict=True)]


def _f_score(precisions: Sequence[float], recalls: Sequence[float]) -> float:
    if not any(precisions):
        return 0.0
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    return 100.0 * (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def bleu(groups: Sequence[Group], shifts: Sequence[int] = (0,)) -> list[float]:
    """Return BLEU-4 over all groups, 0 to 100, for each shift.

    Args:
        groups: (reference, hypothesis).
        shifts: By how many groups the hypotheses are moved against the references.
    """
    texts = [(tuple(first.split()), tuple(second.split())) for first, second in groups]
    orders = [_Grams(texts, order) for order in range(1, WORD_ORDER + 1)]
    return [_bleu(orders, shift) for shift in shifts]


def _bleu(orders: Sequence[_Grams], shift: int) -> float:
    logarithms, smoothing = 0.0, 1
    for order, grams in enumerate(orders, 1):
        matches = grams.matches(shift)
        if not grams.got or (order == 1 and not matches):
            return 0.0
        if not matches:  # as mteval does: 1/2, 1/4, … of a match
            smoothing *= 2
        logarithms += math.log((matches or 1 / smoothing) / grams.got)
    expected, got = orders[0].expected, orders[0].got
    brevity = 1.0 if got >= expected else math.exp(1 - expected / got)
    return 100.0 * brevity * math.exp(logarithms / WORD_ORDER)


class _Grams:
    """The n-grams of one order of every group, counted once for all orders of the groups.

    Args:
        texts: (reference, hypothesis) as characters or words.
        order: How many of them are a gram.
    """

    def __init__(self, texts: Sequence[tuple[Sequence[str], Sequence[str]]], order: int) -> None:
        self._references = [_grams(first, order) for first, _ in texts]
        self._hypotheses = [_grams(second, order) for _, second in texts]
        self.expected = sum(one.total() for one in self._references)
        self.got = sum(one.total() for one in self._hypotheses)

    def matches(self, shift: int) -> int:
        """Return how many grams a group's reference and the hypothesis so much further share.

        Args:
            shift: In groups.
        """
        moved = self._hypotheses[shift:] + self._hypotheses[:shift]
        return sum(
            min(first[gram], second[gram])
            for first, second in zip(self._references, moved, strict=True)
            for gram in first.keys() & second.keys()
        )


def _grams(items: Sequence[str], order: int) -> Counter[Sequence[str]]:
    return Counter(items[at : at + order] for at in range(len(items) - order + 1))


def _wrong_orders(count: int) -> list[int]:
    """Return by how many groups the texts are moved for the floor; none of less than two groups."""
    chance = random.Random(SEED)
    return chance.sample(range(1, count), min(SHUFFLES, count - 1)) if count > 1 else []


def _pairs(reference: Sequence[Line], hypothesis: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield the places of lines that are said together."""
    timed = sorted(
        (line.start, line.end, place)
        for place, line in enumerate(hypothesis)
        if line.start is not None and line.end is not None
    )
    latest = list(accumulate((end for _, end, _ in timed), max))
    for first, expected in enumerate(reference):
        if expected.start is None or expected.end is None:
            if first < len(hypothesis):
                yield first, first
            continue
        low = bisect_right(latest, expected.start)
        high = bisect_left(timed, expected.end, key=lambda one: one[0])
        for _, _, second in timed[low:high]:
            if _together(expected, hypothesis[second]):
                yield first, second


def _together(first: Line, second: Line) -> bool:
    if first.start is None or first.end is None or second.start is None or second.end is None:
        return False
    shared = min(first.end, second.end) - max(first.start, second.start)
    shorter = min(first.end - first.start, second.end - second.start)
    return shared > 0 and shared >= SHARED_TIME * shorter
