#!/usr/bin/env python3
"""
Terms: whether glossary terms are written as the glossary prefers.

Usage:
    from tools.evaluation.terms import term_adherence

    term_adherence(glossary, reference, hypothesis)
"""

from __future__ import annotations

from collections import defaultdict
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
    expected, got = _Text(reference), _Text(hypothesis)
    found = []
    for term in glossary.terms:
        preferred = term.preferred or term.source
        others = [one for one in (term.source, *term.alternatives) if one != preferred]
        counts = {one: got.count(one) for one in others}
        otherwise = {one: count for one, count in counts.items() if count}
        adherence = TermAdherence(
            preferred, expected.count(preferred), got.count(preferred), otherwise
        )
        if adherence.expected or adherence.otherwise:
            found.append(adherence)
    return found


class _Text:
    """The words of lines, with the places of each: a film has thousands, a glossary hundreds.

    Args:
        lines: In order.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words = normalise(" ".join(line.said for line in lines))
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self._words):
            self._places[word].append(place)

    def count(self, term: str) -> int:
        """Return how often the words of a term stand one after another.

        Args:
            term: As it is written.
        """
        wanted = normalise(term)
        places = self._places.get(wanted[0], []) if wanted else []
        return sum(self._words[at : at + len(wanted)] == wanted for at in places)
