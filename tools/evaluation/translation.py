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
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    return TranslationScore(
        groups=len(groups),
        chrf=chrf(groups),
        chrf_floor=_floor(groups, chrf),
        bleu=bleu(groups),
        bleu_floor=_floor(groups, bleu),
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

    for first, expected in enumerate(reference):
        for second, got in enumerate(hypothesis):
            together = first == second if expected.start is None else _together(expected, got)
            if together:
                parents[root(len(reference) + second)] = root(first)
    texts: dict[int, tuple[list[str], list[str]]] = {}
    order = sorted(range(len(lines)), key=lambda index: (lines[index][1].start or 0.0, index))
    for index in order:
        side, line = lines[index]
        texts.setdefault(root(index), ([], []))[side].extend(normalise(line.said))
    joined = [(" ".join(first), " ".join(second)) for first, second in texts.values()]
    return [group for group in joined if any(group)]


def chrf(groups: Sequence[Group]) -> float:
    """Return chrF2 over all groups, 0 to 100.

    Args:
        groups: (reference, hypothesis).
    """
    precisions, recalls = [], []
    for order in range(1, CHARACTER_ORDER + 1):
        matches = got = expected = 0
        for reference, hypothesis in groups:
            first = _grams("".join(reference.split()), order)
            second = _grams("".join(hypothesis.split()), order)
            matches += (first & second).total()
            expected += first.total()
            got += second.total()
        if expected and got:
            precisions.append(matches / got)
            recalls.append(matches / expected)
    if not any(precisions):
        return 0.0
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    return 100.0 * (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def bleu(groups: Sequence[Group]) -> float:
    """Return BLEU-4 over all groups, 0 to 100.

    Args:
        groups: (reference, hypothesis).
    """
    logarithms, smoothing = 0.0, 1
    for order in range(1, WORD_ORDER + 1):
        matches = total = 0
        for reference, hypothesis in groups:
            second = _grams(hypothesis.split(), order)
            matches += (_grams(reference.split(), order) & second).total()
            total += second.total()
        if not total or (order == 1 and not matches):
            return 0.0
        if not matches:  # as mteval does: 1/2, 1/4, … of a match
            smoothing *= 2
        logarithms += math.log((matches or 1 / smoothing) / total)
    expected = sum(len(reference.split()) for reference, _ in groups)
    got = sum(len(hypothesis.split()) for _, hypothesis in groups)
    brevity = 1.0 if got >= expected else math.exp(1 - expected / got)
    return 100.0 * brevity * math.exp(logarithms / WORD_ORDER)


def _grams(items: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(items[at : at + order]) for at in range(len(items) - order + 1))


def _floor(groups: Sequence[Group], score: Callable[[Sequence[Group]], float]) -> float | None:
    """Return the mean score of the same texts in a wrong order, None for less than two groups."""
    if len(groups) < 2:
        return None
    chance = random.Random(SEED)
    scores = []
    for shift in chance.sample(range(1, len(groups)), min(SHUFFLES, len(groups) - 1)):
        moved = [*range(shift, len(groups)), *range(shift)]
        pairs = [(groups[here][0], groups[there][1]) for here, there in enumerate(moved)]
        scores.append(score(pairs))
    return statistics.mean(scores)


def _together(first: Line, second: Line) -> bool:
    if first.start is None or first.end is None or second.start is None or second.end is None:
        return False
    shared = min(first.end, second.end) - max(first.start, second.start)
    shorter = min(first.end - first.start, second.end - second.start)
    return shared > 0 and shared >= SHARED_TIME * shorter
