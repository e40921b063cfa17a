#!/usr/bin/env python3
"""
Texts: what is doubtful in the transcript and the translations of a job.

Usage:
    from shared.pipeline.jobs.doubts.texts import doubted_speech, doubted_translations

    found = [*doubted_speech(job_dir), *doubted_translations(job_dir, ["en"])]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.core.errors import InputError
from shared.core.files import read_json
from shared.glossary.records import ADHERENCE
from shared.glossary.report import AdherenceReport
from shared.pipeline.jobs.doubts.doubt import Found, told
from shared.stage_order import get_stage_dir
from shared.transcript.records.inputs import FINISHED_TRANSCRIPT, translated_file
from shared.transcript.records.schemas import Transcript, Translation

# Below this the recogniser is not sure of a line: exp of the mean log-probability of its tokens.
SURE = 0.5
# So many seconds that are kept apart are as bad as it gets.
LONG_APART = 30.0
Model = TypeVar("Model", bound=BaseModel)


def doubted_speech(job_dir: Path) -> Iterator[Found]:
    """Yield what the recogniser is not sure of, what is in wrong letters, and what is kept apart.

    Args:
        job_dir: The job directory.
    """
    place, transcript = _transcript(job_dir)
    if transcript is None:
        return
    for segment in transcript.segments:
        where = segment.start, segment.end, segment.language, segment.text
        if segment.script == "wrong":
            yield Found(*where, told("script", "not in the letters of its language"), place)
        if segment.confidence < SURE:
            words = f"the recogniser is {segment.confidence:.0%} sure of it"
            yield Found(*where, told("not sure", words, 1 - segment.confidence / SURE), place)
    for text in transcript.quarantined:
        reason = text.evidence[0] if text.evidence else "doubted"
        one = told("kept apart", f"not in the subtitles: {reason}", text.duration / LONG_APART)
        yield Found(text.start, text.end, text.language, text.text, one, place)


def doubted_translations(job_dir: Path, languages: Iterable[str]) -> Iterator[Found]:
    """Yield lines that are not translated, or lack a term of the glossary.

    Args:
        job_dir: The job directory.
        languages: Into which it is translated.
    """
    folder = get_stage_dir("translation")
    terms = _lacking_terms(job_dir / folder / ADHERENCE)
    _, transcript = _transcript(job_dir)
    times = {one.id: (one.start, one.end) for one in transcript.segments} if transcript else {}
    for language in languages:
        place = f"{folder}/{translated_file(language)}"
        translation = _read(job_dir / place, Translation)
        for line in translation.lines if translation else ():
            where = *times.get(line.id, (0.0, 0.0)), language, line.text or line.source_text
            lacking = terms.get((language, line.id))
            if line.status == "untranslated":
                yield Found(*where, told("untranslated", "not translated"), place)
            elif lacking:
                words = f"lacks {', '.join(lacking)}, as the glossary has it"
                yield Found(*where, told("term", words), place)


def _transcript(job_dir: Path) -> tuple[str, Transcript | None]:
    """Return the finished transcript and its name in the job directory."""
    for stage, file in FINISHED_TRANSCRIPT:
        place = f"{get_stage_dir(stage)}/{file}"
        transcript = _read(job_dir / place, Transcript)
        if transcript is not None:
            return place, transcript
    return "", None


def _lacking_terms(path: Path) -> dict[tuple[str, int], list[str]]:
    """Return the terms that lines of translations lack, by language and line."""
    report = _read(path, AdherenceReport)
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for term in report.terms if report else ():
        for language, share in term.translations.items():
            for line in share.lacking:
                found[language, line].append(share.written)
    return found


def _read(path: Path, model: type[Model]) -> Model | None:
    """Return what a file holds, None where it is not made yet or holds something else."""
    try:
        return model.model_validate(read_json(path))
    except (InputError, OSError, ValidationError):
        return None
