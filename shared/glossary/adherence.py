#!/usr/bin/env python3
"""
Adherence: how often each term was spoken, and how often it stands as the glossary wants it.

Usage:
    from shared.glossary.adherence import add_translation, measure_transcript

    report = measure_transcript(terms, transcript)
    add_translation(report, terms_en, translation)
"""

from __future__ import annotations

from collections import Counter

from shared.glossary.matching import Matcher, in_place, words_of
from shared.glossary.records import Terms, TranslationTerms, Wording
from shared.glossary.report import AdherenceReport, Share, TermAdherence
from shared.glossary.wanted import WantedTerms
from shared.transcript.records.schemas import Correction, Transcript, Translation


def measure_transcript(terms: Terms, transcript: Transcript) -> AdherenceReport:
    """Return how the terms stand in a transcript.

    Args:
        terms: Spellings and how they are to be written.
        transcript: The finished one.
    """
    shares: dict[int, Share] = {}
    matcher = Matcher(terms.terms)
    for segment in transcript.segments:
        due: Counter[int] = Counter()
        good: Counter[int] = Counter()
        for found in matcher.listed(segment.text):
            due[found.term] += 1
            written = terms.terms[found.term].written
            wanted = in_place(written, segment.text, found.start, found.end)
            good[found.term] += segment.text[found.start : found.end] == wanted
        corrections = list(segment.corrections)
        for index, times in due.items():
            share = shares.setdefault(index, _share(terms.terms[index]))
            _count(share, segment.id, times, good[index], corrections)
    return AdherenceReport(
        terms=[
            TermAdherence(source=term.source, origin=term.origin, transcript=shares[index])
            for index, term in enumerate(terms.terms)
            if index in shares
        ]
    )


def add_translation(
    report: AdherenceReport, terms: TranslationTerms, translation: Translation
) -> None:
    """Add how the terms stand in a translation; a line without one lacks all its terms.

    Args:
        report: Gets the figures.
        terms: Those of the pair.
        translation: Line by line.
    """
    spoken = Matcher([term.spoken for term in terms.terms])
    shares: dict[int, Share] = {}
    for line in translation.lines:
        if line.status == "same_language":
            continue
        due = Counter(found.term for found in spoken.listed(line.source_text))
        there = WantedTerms([terms.terms[index].target for index in due]).counts(line.text)
        corrections = list(line.corrections)
        for index, times in due.items():
            target = terms.terms[index].target
            present = min(times, there[target.written])
            there[target.written] -= present
            share = shares.setdefault(index, _share(target))
            _count(share, line.id, times, present, corrections)
    known = {term.source: term for term in report.terms}
    for index, share in shares.items():
        term = known.get(terms.terms[index].spoken.source)
        if term is not None:
            term.translations[terms.language] = share


def _share(wording: Wording) -> Share:
    return Share(written=wording.written, due=0, preferred=0)


def _count(
    share: Share, line: int, due: int, preferred: int, corrections: list[Correction]
) -> None:
    """Add what became of a term in one line; what is counted is taken from its corrections."""
    share.due += due
    share.preferred += preferred
    if preferred < due:
        share.lacking.append(line)
    for one in list(corrections):
        if words_of(one.written) == words_of(share.written):
            share.corrected[one.heard] = share.corrected.get(one.heard, 0) + 1
            corrections.remove(one)
