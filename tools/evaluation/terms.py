#!/usr/bin/env python3
"""
Terms: whether glossary terms are written as the glossary prefers.

Usage:
    from tools.evaluation.terms import term_adherence

    term_adherence(glossary, reference, hypothesis)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.glossary_manager import Glossary
from tools.evaluation.inputs import Line
from tools.evaluation.words import normalise


@dataclass(frozen=True)
class TermAdherence:
    """One term: how often the reference has it, and how often each way of writing it was found."""

    term: str
    expected: int
    preferred: int
    otherwise: dict[str, int]

    @property
    def share(self) -> float | None:
        """Share of the places in the reference that have the preferred form; None without any."""
        return min(self.preferred, self.expected) / self.expected if self.expected else None


def term_adherence(
    glossary: Glossary, reference: Sequence[Line], hypothesis: Sequence[Line]
) -> list[TermAdherence]:
    """Return the terms that stand in the reference or, wrongly written, in the hypothesis.

    Args:
        glossary: The terms.
        reference: Lines as they should be, with terms as the glossary prefers them.
        hypothesis: Lines as they are.
    """
    expected = normalise(" ".join(line.said for line in reference))
    got = normalise(" ".join(line.said for line in hypothesis))
    found = []
    for term in glossary.terms:
        preferred = term.preferred or term.source
        others = [one for one in (term.source, *term.alternatives) if one != preferred]
        otherwise = {one: _count(one, got) for one in others if _count(one, got)}
        adherence = TermAdherence(
            preferred, _count(preferred, expected), _count(preferred, got), otherwise
        )
        if adherence.expected or adherence.otherwise:
            found.append(adherence)
    return found


def _count(term: str, words: Sequence[str]) -> int:
    """Return how often the words of a term stand one after another."""
    wanted = normalise(term)
    if not wanted:
        return 0
    places = range(len(words) - len(wanted) + 1)
    return sum(list(words[at : at + len(wanted)]) == wanted for at in places)
