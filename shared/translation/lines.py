#!/usr/bin/env python3
"""
Lines: which segments need translating, and the translation put together, one line an id.

Usage:
    from shared.translation.lines import build_translation, segments_to_translate

    todo = segments_to_translate(transcript, "en")
    translation = build_translation(transcript, "en", results)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from shared.core.errors import counted
from shared.core.languages import primary
from shared.transcript.languages.alphabets import LATIN, script_of
from shared.transcript.records.schemas import (
    Correction,
    Segment,
    Transcript,
    TranslatedLine,
    Translation,
)
from shared.translation.chain import LineResult

# The only language that Whisper's translate task writes.
WHISPER_TARGET = "en"
# Stands where a part of a line could not be translated.
LEFT_OUT = "[…]"
WORD = re.compile(r"\w")


def segments_to_translate(transcript: Transcript, target: str, sung: bool = True) -> list[Segment]:
    """Return the segments that say something and are not in the target language already.

    Into the film's own language in Latin letters (hi-Latn), those of that language are written anew
    and all others stay.

    Args:
        transcript: The source.
        target: BCP-47.
        sung: Whether songs are translated; otherwise they stay as they are sung.
    """
    if is_romanised(transcript.language, target):
        return [
            s
            for s in transcript.segments
            if s.text.strip() and primary(s.language) == primary(target)
        ]
    return [
        s
        for s in transcript.segments
        if s.text.strip()
        and primary(s.language) != primary(target)
        and (sung or not s.is_lyrics)
        and not _is_sign(s)
    ]


def _is_sign(segment: Segment) -> bool:
    """Return whether a text of a subtitle file has no word: notes or points alone."""
    return segment.shown is not None and WORD.search(segment.text) is None


def is_romanised(source: str, target: str) -> bool:
    """Return whether a target is the source language itself in Latin letters: hi-Latn for hi.

    Args:
        source: BCP-47.
        target: BCP-47.
    """
    return primary(source) == primary(target) and script_of(target) == LATIN != script_of(source)


def build_translation(
    transcript: Transcript, target: str, results: Mapping[int, LineResult]
) -> Translation:
    """Return the translation of every segment, in order, tied by id.

    Args:
        transcript: The source.
        target: BCP-47.
        results: Segment id to what became of it; a segment without one needs no translation.
    """
    lines = [_line(segment, results.get(segment.id)) for segment in transcript.segments]
    engines = dict.fromkeys(
        f"{result.engine} {result.model}".strip() for result in results.values() if result.text
    )
    return Translation(
        source_language=transcript.language,
        target_language=target,
        engine=", ".join(engines) or "none",
        lines=lines,
    )


def lines_in_part(translation: Translation) -> list[TranslatedLine]:
    """Return the lines of which a part could not be translated.

    Args:
        translation: Of a film.
    """
    return [
        line
        for line in translation.lines
        if LEFT_OUT in line.text and LEFT_OUT not in line.source_text
    ]


def told_parts(translations: Sequence[Translation]) -> str:
    """Return for a person which lines are translated in part, "" for none.

    Args:
        translations: One a language.
    """
    numbers = [str(line.id) for one in translations for line in lines_in_part(one)]
    if not numbers:
        return ""
    are = "is" if len(numbers) == 1 else "are"
    return (
        f"{counted(len(numbers), 'line')} {are} translated in part, {LEFT_OUT} stands for what was "
        f"not understood: segment {', '.join(numbers)}"
    )


def count_lines(translations: Sequence[Translation]) -> dict[str, object]:
    """Return the figures of a stage summary: lines by engine, asked again, in part, not at all.

    Args:
        translations: One a language.
    """
    lines = [line for one in translations for line in one.lines]
    done = [line for line in lines if line.status == "translated"]
    return {
        "translated": len(done),
        "by_engine": dict(Counter(line.engine for line in done)),
        "retried": sum(line.attempts > 1 for line in lines),
        "in_part": sum(len(lines_in_part(one)) for one in translations),
        "untranslated": sum(line.status == "untranslated" for line in lines),
    }


def _line(segment: Segment, result: LineResult | None) -> TranslatedLine:
    if result is None:
        text, status, engine, note, attempts = segment.text, "same_language", "none", "", 0
        corrections: tuple[Correction, ...] = ()
    else:
        status = "translated" if result.text else "untranslated"
        text, engine = result.text, result.engine or "none"
        note, attempts, corrections = result.note, result.attempts, result.corrections
    return TranslatedLine.model_validate(
        {
            "id": segment.id,
            "source_text": segment.text,
            "text": text,
            "status": status,
            "engine": engine,
            "note": note,
            "attempts": attempts,
            "corrections": corrections,
        }
    )
