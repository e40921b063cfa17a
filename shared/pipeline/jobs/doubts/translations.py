#!/usr/bin/env python3
"""
Translations: what is doubtful in the translations of a job.

Usage:
    from shared.pipeline.jobs.doubts.translations import doubted_translations

    found = list(doubted_translations(job_dir, ["en"]))
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from shared.glossary.records import ADHERENCE
from shared.glossary.report import AdherenceReport
from shared.pipeline.jobs.doubts.doubt import Found, Told, told
from shared.pipeline.jobs.doubts.sources import read_model, read_transcript
from shared.stage_order import get_stage_dir
from shared.transcript.records.inputs import translated_file
from shared.transcript.records.schemas import TranslatedLine, Translation
from shared.translation.joints import broken_off
from shared.translation.lines import is_romanised
from shared.translation.plausible import folded, objection

# A line this many times as long as lines of the film are, or as short, belongs to another.
LONGER = 2.5
SHORTEST_MEASURED = 12  # characters of a line: how long a shorter one becomes says nothing
FEWEST_MEASURED = 5
FEWEST_WORDS_ALIKE = 3


def doubted_translations(job_dir: Path, languages: Iterable[str]) -> Iterator[Found]:
    """Yield lines that are not translated, lack a term, were refused, or are not their line's.

    Args:
        job_dir: The job directory.
        languages: Into which it is translated.
    """
    folder = get_stage_dir("translation")
    terms = _lacking_terms(job_dir / folder / ADHERENCE)
    _, transcript = read_transcript(job_dir)
    times = {one.id: (one.start, one.end) for one in transcript.segments} if transcript else {}
    for language in languages:
        place = f"{folder}/{translated_file(language)}"
        translation = read_model(job_dir / place, Translation)
        if translation is None:
            continue
        answers = _doubted_answers(translation)
        for line in translation.lines:
            reasons = [*_told_of(line, terms.get((language, line.id), [])), *answers[line.id]]
            for reason in reasons:
                where = *times.get(line.id, (0.0, 0.0)), language, line.text or line.source_text
                yield Found(*where, reason, place)


def _told_of(line: TranslatedLine, lacking: Sequence[str]) -> Iterator[Told]:
    """Yield what the engines said of a line themselves, and which terms it lacks."""
    if line.status == "untranslated":
        yield told("untranslated", "not translated")
        return
    if lacking:
        yield told("term", f"lacks {', '.join(lacking)}, as the glossary has it")
    if line.note:
        yield told("refused", line.note, (line.attempts - 2) / 4)


def _doubted_answers(translation: Translation) -> dict[int, list[Told]]:
    """Return what speaks against the texts as translations of their lines, by line."""
    found: dict[int, list[Told]] = defaultdict(list)
    source, target = translation.source_language, translation.target_language
    if is_romanised(source, target):
        return found
    lines = [one for one in translation.lines if one.status == "translated" and one.text.strip()]
    usual = _usual_length(lines)
    for line in lines:
        why = objection(line.source_text, line.text, source, target)
        if why:
            found[line.id].append(told("answer", f"is it this line? {why}"))
        elif usual is not None and len(line.source_text) >= SHORTEST_MEASURED:
            times = _length(line) - usual
            if abs(times) > math.log(LONGER):
                word = "longer" if times > 0 else "shorter"
                told_so = f"is it this line? Much {word} than others become"
                found[line.id].append(told("answer", told_so, abs(times) - math.log(LONGER)))
    for one, other in pairwise(lines):
        if _is_same(one.text, other.text) and not _is_same(one.source_text, other.source_text):
            found[other.id].append(told("answer", "the same as the line before it, which is not"))
    texts = [one.text for one in lines]
    for place in broken_off([one.source_text for one in lines], texts):
        found[lines[place].id].append(told("answer", "breaks off, or the line before it does"))
    return found


def _usual_length(lines: Sequence[TranslatedLine]) -> float | None:
    """Return how much longer lines become, as a logarithm; None where there are too few."""
    known = [_length(one) for one in lines if len(one.source_text) >= SHORTEST_MEASURED]
    return statistics.median(known) if len(known) >= FEWEST_MEASURED else None


def _length(line: TranslatedLine) -> float:
    return math.log(len(line.text) / len(line.source_text))


def _is_same(one: str, other: str) -> bool:
    return len(folded(one).split()) >= FEWEST_WORDS_ALIKE and folded(one) == folded(other)


def _lacking_terms(path: Path) -> dict[tuple[str, int], list[str]]:
    """Return the terms that lines of translations lack, by language and line."""
    report = read_model(path, AdherenceReport)
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for term in report.terms if report else ():
        for language, share in term.translations.items():
            for line in share.lacking:
                found[language, line].append(share.written)
    return found
