#!/usr/bin/env python3
"""
Translated: a translation as phrases in the time of their source.

Usage:
    from shared.subtitles.shaping.translated import phrases_from_translation

    phrases = phrases_from_translation(transcript, translation)
"""

from __future__ import annotations

from shared.core.errors import InputError
from shared.subtitles.base.phrase import Phrase, phrase_from_segment, phrase_from_text
from shared.transcript.records.schemas import Transcript, Translation


def phrases_from_translation(transcript: Transcript, translation: Translation) -> list[Phrase]:
    """Return one phrase a segment: its translation, or itself where it needs none.

    A line that could not be translated is shown in [brackets] in its own language: it is never
    passed off as translated.

    Args:
        transcript: The source.
        translation: Lines tied to the segments by id.

    Raises:
        InputError: When ids do not match one to one.
    """
    ids = [segment.id for segment in transcript.segments]
    if [line.id for line in translation.lines] != ids:
        raise InputError(
            f"The translation into {translation.target_language} does not match the transcript",
            hint="Run translation again: --force translation",
        )
    phrases: list[Phrase] = []
    for segment, line in zip(transcript.segments, translation.lines, strict=True):
        if line.status == "same_language":
            phrases.append(phrase_from_segment(segment))
        else:
            text, language = line.text, translation.target_language
            if line.status != "translated":
                text, language = f"[{segment.text}]", segment.language
            is_lyrics, speaker = bool(segment.is_lyrics), segment.speaker
            phrases.append(
                phrase_from_text(text, segment, is_lyrics, speaker, segment.words, language)
            )
    return [phrase for phrase in phrases if phrase.words]
