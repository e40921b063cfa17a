#!/usr/bin/env python3
"""
Correction: terms of the glossary in the transcript, written as the glossary wants them.

What the glossary lists as a spelling is always put right; what is only nearly a term, above a
confidence, and never a common word. Every correction is kept on its segment, and the words keep
their times.

Usage:
    from shared.glossary.correction import Corrector

    corrector = Corrector(terms, least=0.8)
    segments = [corrector.correct(segment) for segment in transcript.segments]
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.core.languages import primary
from shared.glossary.matching import Found, Matcher, in_place
from shared.glossary.records import Terms
from shared.glossary.wanted import correction_of
from shared.transcript.records.schemas import Segment, Word
from shared.transcript.records.spacing import is_fully_timed


class Corrector:
    """Corrects segments.

    Args:
        terms: Spellings and how they are to be written.
        least: Confidence from which on a near-miss is corrected.
    """

    def __init__(self, terms: Terms, least: float) -> None:
        self._terms = terms.terms
        self._matcher = Matcher(terms.terms)
        self._guarded = {primary(language) for language in terms.guarded}
        self._least = least

    def correct(self, segment: Segment) -> Segment:
        """Return the segment with its terms as the glossary writes them.

        Args:
            segment: With or without words.
        """
        found = self._matcher.listed(segment.text)
        if primary(segment.language) in self._guarded:
            found += self._matcher.near(segment.text, self._least)
        corrected = segment
        # From the end, so that the places before it stay what they are.
        for one in sorted(found, key=lambda found: found.start, reverse=True):
            heard = segment.text[one.start : one.end]
            written = in_place(self._terms[one.term].written, segment.text, one.start, one.end)
            if heard != written:
                corrected = _replace(corrected, one, written)
        return corrected


def _replace(segment: Segment, found: Found, written: str) -> Segment:
    text = segment.text
    correction = correction_of(found, text[found.start : found.end], written)
    words = segment.words
    if is_fully_timed(segment):
        words = _replace_words(segment, found, written)
    return segment.model_copy(
        update={
            "text": text[: found.start] + written + text[found.end :],
            "words": words,
            "corrections": [correction, *segment.corrections],
        }
    )


def _replace_words(segment: Segment, found: Found, written: str) -> list[Word]:
    """Return the words with those of a place written anew, within the time they had."""
    places = _places(segment)
    inside = [
        index
        for index, (start, end) in enumerate(places)
        if start < found.end and end > found.start
    ]
    first, last = inside[0], inside[-1]
    before = segment.text[places[first][0] : found.start]
    after = segment.text[found.end : places[last][1]]
    parts = (before + written + after).split()
    old = segment.words[first : last + 1]
    if len(parts) == len(old):
        new = [
            word.model_copy(update={"text": part}) for word, part in zip(old, parts, strict=True)
        ]
    else:
        new = _share_time(old, parts)
    return [*segment.words[:first], *new, *segment.words[last + 1 :]]


def _share_time(old: Sequence[Word], parts: Sequence[str]) -> list[Word]:
    """Return words for the parts, which share the time of the old ones by their length."""
    start, end = old[0].start, old[-1].end
    total = sum(len(part) for part in parts)
    known = [word.confidence for word in old if word.confidence is not None]
    made: list[Word] = []
    for part in parts:
        stop = start + (end - old[0].start) * len(part) / total
        made.append(
            Word(
                text=part,
                start=start,
                end=max(start, min(end, stop)),
                confidence=min(known, default=None),
                source=old[0].source if len(parts) == 1 else "interpolated",
            )
        )
        start = made[-1].end
    made[-1] = made[-1].model_copy(update={"end": end})
    return made


def _places(segment: Segment) -> list[tuple[int, int]]:
    """Return from where to where each word stands in the text of a fully timed segment."""
    letters = [place for place, char in enumerate(segment.text) if not char.isspace()]
    places: list[tuple[int, int]] = []
    done = 0
    for word in segment.words:
        length = sum(not char.isspace() for char in word.text)
        places.append((letters[done], letters[done + length - 1] + 1))
        done += length
    return places
