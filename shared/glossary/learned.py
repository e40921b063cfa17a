#!/usr/bin/env python3
"""
Learned: names that a finished job heard, kept by the user for the films to come.

Usage:
    from shared.glossary.learned import heard_terms, keep_terms

    terms = heard_terms(glossary, report, transcript)
    keep_terms(GLOSSARY_DIR / "learned.tsv", terms)
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from shared.glossary.matching import fold, words_of
from shared.glossary.records import Glossary, GlossaryTerm
from shared.glossary.report import AdherenceReport
from shared.glossary.table import read_table, write_table
from shared.transcript.records.schemas import Transcript

COMMENT = "Names kept from earlier films: python3 tools/learn_terms.py. Edit as you like"


def heard_terms(
    glossary: Glossary, report: AdherenceReport, transcript: Transcript
) -> list[GlossaryTerm]:
    """Return the terms that were spoken in a film, with the spellings that were put right.

    Args:
        glossary: Of the job.
        report: Which of its terms were spoken.
        transcript: The finished one, with its corrections.
    """
    spoken = {term.source for term in report.terms}
    corrections = {
        (words_of(one.written), one.heard)
        for segment in transcript.segments
        for one in segment.corrections
    }
    terms: list[GlossaryTerm] = []
    for term in glossary.terms:
        if term.source in spoken:
            forms = {words_of(text) for text in (term.source, term.preferred) if text}
            forms |= {words_of(text) for text in term.preferred_in.values()}
            heard = sorted(text for written, text in corrections if written in forms)
            terms.append(_with_spellings(term, heard))
    return terms


def keep_terms(path: Path, terms: Sequence[GlossaryTerm]) -> int:
    """Add terms to a file, atomically, also beside another process; return how many are new.

    A term that is there gains the spellings that it lacks; everything else of it stays.

    Args:
        path: The file; made if it is not there.
        terms: What to keep.

    Raises:
        InputError: The file is damaged; with its line.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        known = read_table(path, "learned") if path.is_file() else []
        kept = {fold(term.source): term for term in known}
        for term in terms:
            there = kept.get(fold(term.source))
            kept[fold(term.source)] = (
                _with_spellings(there, term.alternatives)
                if there
                else term.model_copy(update={"origin": "learned", "speaker": ""})
            )
        write_table(path, list(kept.values()), COMMENT)
        return len(kept) - len({fold(term.source) for term in known})
    finally:
        os.close(folder)


def _with_spellings(term: GlossaryTerm, spellings: Sequence[str]) -> GlossaryTerm:
    known = {fold(text) for text in (term.source, term.preferred, *term.alternatives)}
    new = list({fold(text): text for text in spellings if fold(text) not in known}.values())
    return term.model_copy(update={"alternatives": [*term.alternatives, *new]})
