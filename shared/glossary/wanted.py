#!/usr/bin/env python3
"""
Wanted: the terms that one text must hold and how often; near-misses put right, the rest told.

Usage:
    from shared.glossary.wanted import WantedTerms

    wanted = WantedTerms(wordings)            # one for each time that a term was spoken
    text, corrections = wanted.correct(text, least=0.8)
    wanted.difference(text)                   # "", or "without the term Gabbar"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.glossary.matching import Found, Matcher, fold, in_place
from shared.glossary.records import Wording
from shared.transcript.records.schemas import Correction


class WantedTerms:
    """Terms by their preferred form: two that are written alike are one.

    Args:
        wordings: One for each time that a term is due.
    """

    def __init__(self, wordings: Sequence[Wording]) -> None:
        self.due = Counter(wording.written for wording in wordings)
        # What one of them is to be written as is no spelling of another.
        taken = {fold(written) for written in self.due}
        spellings: dict[str, dict[str, None]] = {}
        for wording in wordings:
            others = (text for text in wording.spellings if fold(text) not in taken)
            spellings.setdefault(wording.written, {}).update(dict.fromkeys(others))
        by_form = {wording.written: wording for wording in reversed(wordings)}
        self._wordings = [
            by_form[written].model_copy(update={"spellings": list(others)})
            for written, others in spellings.items()
        ]
        self._matcher = Matcher(self._wordings)

    def counts(self, text: str) -> Counter[str]:
        """Return how often each term stands in a text in exactly its preferred form.

        Of terms that claim the same words (Veeru, Veeru Singh) the longer one has them.

        Args:
            text: A line of the source or of its translation.
        """
        return Counter(written for _, written in self._standing(text))

    def spoken(self, text: str) -> Counter[str]:
        """Return how often each term stands in a text in its preferred form, in whatever case.

        Args:
            text: A line of the source.
        """
        forms = ((self._wordings[one.term].written, one) for one in self._matcher.listed(text))
        return Counter(
            written
            for written, one in forms
            if fold(in_place(written, text, one.start, one.end)) == fold(text[one.start : one.end])
        )

    def correct(self, text: str, least: float | None) -> tuple[str, list[Correction]]:
        """Return a text with what its missing terms became put right, and the evidence.

        Args:
            text: What an engine wrote.
            least: Likeness from which on a near-miss counts; None: only listed spellings do.
        """
        lacking = self.due - self.counts(text)
        if not lacking:
            return text, []
        chosen: list[Found] = []
        for one in self._candidates(text, least):
            written = self._wordings[one.term].written
            if lacking[written] > 0:
                lacking[written] -= 1
                chosen.append(one)
        corrections: list[Correction] = []
        for one in sorted(chosen, key=lambda found: found.start, reverse=True):
            heard = text[one.start : one.end]
            written = in_place(self._wordings[one.term].written, text, one.start, one.end)
            text = text[: one.start] + written + text[one.end :]
            corrections.insert(0, correction_of(one, heard, written))
        return text, corrections

    def difference(self, text: str) -> str:
        """Return which terms a text lacks or has too often, "" where all is as it is due.

        Args:
            text: The translation of the line that these terms were taken from.
        """
        right, there = self.counts(text), self.spoken(text)
        missing = [written for written in self.due if not right[written]]
        told = [f"without the term {', '.join(missing)}"] if missing else []
        for written, times in self.due.items():
            count = right[written] if right[written] < times else max(times, there[written])
            if written not in missing and count != times:
                told.append(f"the term {written} {count} times instead of {times}")
        return ", ".join(told)

    def _standing(self, text: str) -> Iterator[tuple[Found, str]]:
        for one in self._matcher.listed(text, awaited=True):
            written = self._wordings[one.term].written
            if text[one.start : one.end] == in_place(written, text, one.start, one.end):
                yield one, written

    def _candidates(self, text: str, least: float | None) -> list[Found]:
        """Return what may be a term in another spelling, the surest first."""
        standing = {one.start for one, _ in self._standing(text)}
        listed = [
            one for one in self._matcher.listed(text, awaited=True) if one.start not in standing
        ]
        near = self._matcher.near(text, least) if least is not None else []
        return listed + sorted(near, key=lambda one: -one.confidence)


def correction_of(found: Found, heard: str, written: str) -> Correction:
    """Return the evidence of a correction.

    Args:
        found: Where, and how sure.
        heard: What stood there.
        written: What stands there now.
    """
    return Correction(
        heard=heard,
        written=written,
        confidence=round(found.confidence, 3),
        method="listed" if found.confidence == 1.0 else "likeness",
    )
