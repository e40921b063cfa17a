#!/usr/bin/env python3
"""
Translation terms: what the translation stage does with the glossary, before and after its engines.

Usage:
    from scripts.translators.terms import report_terms, term_keeper

    results = translate_film(lines, "hi", "en", chain, options, film, term_keeper(stage_io, "en"))
    report_terms(stage_io, translations)
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.config import load_config
from shared.glossary.adherence import add_translation
from shared.glossary.records import ADHERENCE, TranslationTerms, translation_terms
from shared.glossary.report import AdherenceReport
from shared.stage_utils import StageIO
from shared.transcript.records.schemas import Translation
from shared.translation.placeholders import TermKeeper

MOST_NAMED = 3


def term_keeper(stage_io: StageIO, target: str) -> TermKeeper | None:
    """Return what keeps the glossary's terms through the engines, None without any.

    Args:
        stage_io: The stage's paths.
        target: BCP-47.
    """
    terms = _read_terms(stage_io, target)
    return TermKeeper(terms, load_config().glossary_min_confidence) if terms else None


def report_terms(stage_io: StageIO, translations: Sequence[Translation]) -> None:
    """Write how often each term stands as the glossary wants it, and tell which lines lack one.

    Args:
        stage_io: The stage's paths.
        translations: One a language.
    """
    path = stage_io.get_input_path(ADHERENCE, from_stage="export_transcript")
    if not path.exists():
        return
    report = stage_io.read_model(path, AdherenceReport)
    for translation in translations:
        terms = _read_terms(stage_io, translation.target_language)
        if terms:
            add_translation(report, terms, translation)
        _warn_of_lacking(stage_io, report, translation.target_language)
    stage_io.write_model(ADHERENCE, report)


def _warn_of_lacking(stage_io: StageIO, report: AdherenceReport, language: str) -> None:
    """Tell which terms a translation lacks, the first few by name."""
    lacking = report.lacking(language)
    lines = {line for ids in lacking.values() for line in ids}
    if lines:
        named = ", ".join(list(lacking)[:MOST_NAMED]) + (", …" if len(lacking) > MOST_NAMED else "")
        lack = f"{len(lines)} lines lack" if len(lines) > 1 else "1 line lacks"
        stage_io.warn(f"{language}: {lack} a term of the glossary ({named}): see {ADHERENCE}")


def _read_terms(stage_io: StageIO, target: str) -> TranslationTerms | None:
    path = stage_io.get_input_path(translation_terms(target), from_stage="glossary_load")
    terms = stage_io.read_model(path, TranslationTerms) if path.exists() else None
    return terms if terms and (terms.terms or terms.hints) else None
