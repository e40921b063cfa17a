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

from shared.glossary.matching import Matcher, fitted
from shared.glossary.records import Terms, TranslationTerms
from shared.glossary.report import AdherenceReport, Share, TermAdherence
from shared.glossary.wanted import WantedTerms
from shared.transcript.schemas import Transcript, Translation


def measure_transcript(terms: Terms, transcript: Transcript) -> AdherenceReport:
    """Return how the terms stand in a transcript.

    Args:
        terms: Spellings and how they are to be written.
        transcript: The finished one.
    """
    due: Counter[int] = Counter()
    good: Counter[int] = Counter()
    matcher = Matcher(terms.terms)
    for segment in transcript.segments:
        for found in matcher.listed(segment.text):
            due[found.term] += 1
            text = segment.text[found.start : found.end]
            good[found.term] += text == fitted(terms.terms[found.term].written, text)
    return AdherenceReport(
        terms=[
            TermAdherence(
                source=term.source,
                origin=term.origin,
                transcript=Share(due=due[index], preferred=good[index]),
            )
            for index, term in enumerate(terms.terms)
            if due[index]
        ]
    )


def add_translation(
    report: AdherenceReport, terms: TranslationTerms, translation: Translation
) -> None:
    """Add how the terms stand in a translation.

    Args:
        report: Gets the figures.
        terms: Those of the pair.
        translation: Line by line.
    """
    spoken = Matcher([term.spoken for term in terms.terms])
    counted: dict[int, Counter[str]] = {}
    lost: list[int] = []
    for line in translation.lines:
        if line.status != "translated":
            continue
        due = Counter(found.term for found in spoken.listed(line.source_text))
        there = WantedTerms([terms.terms[index].target for index in due]).counts(line.text)
        for index, times in due.items():
            written = terms.terms[index].target.written
            present = min(times, there[written])
            there[written] -= present
            counted.setdefault(index, Counter()).update(due=times, preferred=present)
            lost += [line.id] if present < times else []
    known = {term.source: term for term in report.terms}
    for index, counts in counted.items():
        term = known.get(terms.terms[index].spoken.source)
        if term is not None:
            term.translations[terms.language] = Share(
                due=counts["due"], preferred=counts["preferred"]
            )
    if lost:
        report.lost[terms.language] = sorted(set(lost))
