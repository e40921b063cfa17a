#!/usr/bin/env python3
"""
Joints: where the answers to two neighbouring lines meet, and whether that is where the lines do.

An engine may move half a line to the next: "Didn't we see" / "this before? No." Both answers still
mean much of what their lines do; what gives them away is that one breaks off and the other begins
in the middle, or has a sentence more.

Usage:
    from shared.translation.joints import is_cut_elsewhere

    is_cut_elsewhere(["Wo bist du?", "Hier."], ["Where are", "you? Here."])   # True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import regex

# How alike each source (row) and each text (column) is in meaning; None where nothing can tell.
Likeness = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]] | None]

END = regex.compile(r"[\p{L}\p{M}\p{N}][^\p{L}\p{N}]*?[\p{STerm}…]+[\p{P}♪]*(?=\s|$)")
CLAUSE_END = regex.compile(r"[\p{STerm}…,;:、،–—-]+[\p{P}]*\s+(?=\S)")
ENDS = regex.compile(r"[\p{STerm}…][\p{P}\p{S}\s]*$")
# Languages and speakers without full stops: where fewer answers end as their lines do, no sign.
LEAST_SHARE_OF_ENDS = 0.75
# How much better two lines fit two answers cut elsewhere than good ones, both cosines together.
LEAST_GAIN = 0.008


def is_cut_elsewhere(sources: Sequence[str], texts: Sequence[str], likeness: Likeness) -> bool:
    """Return whether the end of a line was moved to its neighbour, or its beginning.

    Args:
        sources: Lines of a batch, in order.
        texts: Their answers.
        likeness: Compares meanings.
    """
    if broken_off(sources, texts):
        return True
    more = [sentences(t) - sentences(s) for s, t in zip(sources, texts, strict=True)]
    if any(one * other < 0 for one, other in pairwise(more)):
        return True
    neighbours = zip(pairwise(sources), pairwise(texts), strict=True)
    return any(_fits_otherwise(lines, answers, likeness) for lines, answers in neighbours)


def broken_off(sources: Sequence[str], texts: Sequence[str]) -> set[int]:
    """Return the places of answers that end in the middle as their lines do not, and of the next.

    Args:
        sources: Lines of a batch, in order.
        texts: Their answers.
    """
    ended = [place for place, source in enumerate(sources) if ends_sentence(source)]
    broken = [place for place in ended if not ends_sentence(texts[place])]
    if len(broken) > (1 - LEAST_SHARE_OF_ENDS) * len(ended):
        return set()
    return {one for place in broken for one in (place, place + 1) if one < len(sources)}


def _fits_otherwise(lines: tuple[str, str], answers: tuple[str, str], likeness: Likeness) -> bool:
    """Return whether another place between clauses suits two lines better."""
    cuts = [answers, *_other_cuts(answers)]
    if len(cuts) < 2:
        return False
    table = likeness(lines, [text for cut in cuts for text in cut])
    if table is None:
        return False
    now, *others = (table[0][n] + table[1][n + 1] for n in range(0, 2 * len(cuts), 2))
    return max(others) > now + LEAST_GAIN


def _other_cuts(answers: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Yield two answers with the last clause of one, or the first of the other, moved over."""
    one, other = answers
    ends = [match.end() for match in CLAUSE_END.finditer(one)]
    if ends:
        yield one[: ends[-1]].strip(), f"{one[ends[-1] :]} {other}"
    begins = CLAUSE_END.search(other)
    if begins:
        yield f"{one} {other[: begins.end()]}".strip(), other[begins.end() :]


def sentences(text: str) -> int:
    """Return how many sentences a text has, one that is broken off included.

    Args:
        text: Of one line.
    """
    return len(END.findall(text)) + (not ends_sentence(text))


def ends_sentence(text: str) -> bool:
    """Return whether a text ends as a sentence does.

    Args:
        text: Of one line.
    """
    return ENDS.search(text) is not None
