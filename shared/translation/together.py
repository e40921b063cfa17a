#!/usr/bin/env python3
"""
Together: what speaks against the answers to a batch, seen side by side.

An engine that reads a batch as one text may merge two lines, leave one out and move the rest: each
answer is a good line, only another one's. Alone it cannot be judged; beside its neighbours it fits
one of them better, or half of it does.

Usage:
    from shared.translation.together import doubts

    doubts(lines, {1: "Yes.", 2: "Where?"}, likeness)   # {} = nothing speaks against them
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from statistics import median
from types import MappingProxyType

import regex

from shared.translation.backend import SourceLine
from shared.translation.joints import Likeness, is_cut_elsewhere
from shared.translation.plausible import folded

# Answers shorter than this are said by many lines: "Yes.", "Come on." Beside each other, by few.
SHORTEST_TWIN, SHORTEST_NEIGHBOUR, SHORTEST_SAID = 12, 4, 6
FEWEST_ALIKE = 3
# Of fewer lines, answers that have moved cannot be told from loose translations.
FEWEST_TOGETHER = 4
# Signs (numbers, names, ends of sentences, length) tell less than meaning: they must be clear.
LEAST_SIGNS = 0.5
# Cosines of good answers reach their neighbours' within this.
LEAST_MEANING, LEAST_JOINED = 0.01, 0.01
# What needs no second opinion: these are no good answers in any order.
NO_ANSWER, ONE_TEXT = "a line of the batch had no answer", "one text for all lines"
CERTAIN = frozenset({NO_ANSWER, ONE_TEXT})
NUMBER = regex.compile(r"\d+")
END = regex.compile(r"[\"'”’»)\]\s]+$")
NAME = regex.compile(r"(?<=\p{L}[\p{P}\s]+)\p{Lu}\p{Ll}+")


def doubts(
    lines: Sequence[SourceLine],
    answers: Mapping[int, str],
    likeness: Likeness,
    before: Sequence[SourceLine] = (),
    said: Mapping[str, str] = MappingProxyType({}),
) -> dict[int, str]:
    """Return what speaks against the answers to a batch.

    Args:
        lines: The batch as it was asked, two lines or more.
        answers: Text by id.
        likeness: Compares meanings.
        before: The lines sent as context, whose translation no answer may be.
        said: What was answered to the lines before, folded, and the line that it was said to: an
            engine that is behind says it again.

    Returns:
        A reason for each id, or none at all: who moved a line may have moved any.
    """
    if not all(_has_answer(line, answers.get(line.id, "")) for line in lines):
        return {line.id: NO_ANSWER for line in lines}
    texts = [answers[line.id] for line in lines]
    if _is_one_text(lines, texts):
        return {line.id: ONE_TEXT for line in lines}
    sources, context = ([line.text for line in some] for some in (lines, before))
    if _moved(sources, texts, likeness, context):
        return {line.id: "the answers of the batch fit other lines better" for line in lines}
    if _has_twins(lines, texts):
        return {line.id: "two lines of the batch have one answer" for line in lines}
    if any(_was_said(line, text, said) for line, text in zip(lines, texts, strict=True)):
        return {line.id: "an answer of the batch was one to a line before" for line in lines}
    if is_cut_elsewhere(sources, texts, likeness):
        return {line.id: "the answers of the batch are cut at other places" for line in lines}
    return {}


def _has_answer(line: SourceLine, text: str) -> bool:
    """Return whether a line has an answer, in words where it has words itself."""
    return bool(folded(text) or (text.strip() and not folded(line.text)))


def _was_said(line: SourceLine, text: str, said: Mapping[str, str]) -> bool:
    """Return whether an answer was one to another line before."""
    answer = folded(text)
    return len(answer) >= SHORTEST_SAID and said.get(answer, folded(line.text)) != folded(line.text)


def _is_one_text(lines: Sequence[SourceLine], texts: Sequence[str]) -> bool:
    sources = {folded(line.text) for line in lines}
    return len(sources) >= FEWEST_ALIKE and len({folded(text) for text in texts}) == 1


def _has_twins(lines: Sequence[SourceLine], texts: Sequence[str]) -> bool:
    """Return whether an answer is, or holds, the answer of another line."""
    answers = [folded(text) for text in texts]
    sources = [folded(line.text) for line in lines]
    for index, answer in enumerate(answers):
        for other, held in enumerate(answers):
            least = SHORTEST_NEIGHBOUR if abs(index - other) == 1 else SHORTEST_TWIN
            if other == index or len(answer) < least or sources[index] in sources[other]:
                continue
            if f" {answer} " in f" {held} ":
                return True
    return False


def _moved(
    sources: Sequence[str], texts: Sequence[str], likeness: Likeness, before: Sequence[str]
) -> bool:
    """Return whether some answer fits another line, of the batch or before it, better."""
    meaning = likeness(sources, texts)
    table = meaning or signs(sources, texts)
    least = LEAST_MEANING if meaning else LEAST_SIGNS
    own = [table[index][index] for index in range(len(sources))]
    for row in range(len(sources)):
        for column in range(len(texts)):
            same = folded(sources[row]) == folded(sources[column])
            alike = same or folded(texts[row]) == folded(texts[column])
            if not alike and table[row][column] > min(own[row], own[column]) + least:
                return True
    if meaning is None:
        return False
    return _is_of_context(sources, texts, own, likeness, before) or _is_cut_otherwise(
        sources, texts, own, likeness
    )


def crossed(
    lines: Sequence[SourceLine], answers: Mapping[int, str], likeness: Likeness
) -> set[int]:
    """Return the ids of lines whose answers are the same, or fit better the other way round.

    Of answers that are the same one is moved, and a neighbour of it may hold what it should say:
    with the neighbours of such lines.

    Args:
        lines: A batch.
        answers: Text by id, one for each line.
        likeness: Compares meanings.
    """
    texts = [answers[line.id] for line in lines]
    sources = [line.text for line in lines]
    table = likeness(sources, texts)
    found: set[int] = set()
    for one, other in combinations(range(len(lines)), 2):
        if folded(texts[one]) == folded(texts[other]):
            if folded(sources[one]) != folded(sources[other]):
                found |= {near + by for near in (one, other) for by in (-1, 0, 1)}
        elif table is not None:
            own = table[one][one] + table[other][other]
            if table[one][other] + table[other][one] > own:
                found |= {one, other}
    return {line.id for place, line in enumerate(lines) if place in found}


def _is_of_context(
    sources: Sequence[str],
    texts: Sequence[str],
    own: Sequence[float],
    likeness: Likeness,
    before: Sequence[str],
) -> bool:
    """Return whether an answer fits a line that was sent as context better than its own."""
    table = likeness(before, texts) or ()
    return any(
        cosine > own[column] + LEAST_MEANING and folded(line) != folded(sources[column])
        for line, row in zip(before, table, strict=bool(table))
        for column, cosine in enumerate(row)
    )


def _is_cut_otherwise(
    sources: Sequence[str], texts: Sequence[str], own: Sequence[float], likeness: Likeness
) -> bool:
    """Return whether a line fits two answers together better than its own, or two lines one."""
    joined_texts = [f"{one} {two}" for one, two in pairwise(texts)]
    joined_sources = [f"{one} {two}" for one, two in pairwise(sources)]
    split, merged = likeness(sources, joined_texts), likeness(joined_sources, texts)
    if split is None or merged is None:
        return False
    return any(
        max(split[line][place], merged[place][line]) > own[line] + LEAST_JOINED
        for place in range(len(joined_texts))
        for line in (place, place + 1)
    )


def signs(sources: Sequence[str], texts: Sequence[str]) -> list[list[float]]:
    """Return how well each source (row) and text (column) fit by what needs no understanding.

    Args:
        sources: Lines of a batch.
        texts: Their translations, in some order.

    Returns:
        At most 0; a number or a name that only one of the two has costs 1, another end of the
        sentence half, and length by its logarithm.
    """
    usual = median(
        math.log((len(text) + 4) / (len(source) + 4))
        for source, text in zip(sources, texts, strict=True)
    )
    return [[_fit(source, text, usual) for text in texts] for source in sources]


def _fit(source: str, text: str, usual: float) -> float:
    """Return how well two lines fit by their signs; `usual` is the logarithm of usual growth."""
    cost = abs(math.log((len(text) + 4) / (len(source) + 4)) - usual)
    cost += len(_numbers(source) ^ _numbers(text))
    cost -= len(_names(source) & _names(text))
    cost += 0.5 * (_ending(source) != _ending(text))
    return -cost


@lru_cache(maxsize=1024)
def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(number[:18]) for number in NUMBER.findall(text))


@lru_cache(maxsize=1024)
def _names(text: str) -> frozenset[str]:
    return frozenset(NAME.findall(text))


@lru_cache(maxsize=1024)
def _ending(text: str) -> str:
    """Return what kind of sentence a line is: asked, called, broken off or told."""
    bare = END.sub("", text)
    for kind, marks in (("?", "?？؟;"), ("!", "!！"), ("…", "…")):
        if bare.endswith(tuple(marks)) or (kind == "…" and bare.endswith("...")):
            return kind
    return "."
