#!/usr/bin/env python3
"""
Lines: which segments need translating, and the translation put together, one line an id.

Usage:
    from shared.translation.lines import build_translation, segments_to_translate

    todo = segments_to_translate(transcript, "en")
    translation = build_translation(transcript, "en", dict(zip(ids, texts)), engine="whisper")
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.core.languages import primary
from shared.transcript.schemas import Segment, Transcript, TranslatedLine, Translation

# The only language that Whisper's translate task writes.
WHISPER_TARGET = "en"


def segments_to_translate(transcript: Transcript, target: str) -> list[Segment]:
    """Return the segments that are not in the target language already.

    Args:
        transcript: The source.
        target: BCP-47.
    """
    return [s for s in transcript.segments if primary(s.language) != primary(target)]


def build_translation(
    transcript: Transcript, target: str, texts: Mapping[int, str], engine: str, model: str
) -> Translation:
    """Return the translation of every segment, in order, tied by id.

    Args:
        transcript: The source.
        target: BCP-47.
        texts: Segment id to its translation; "" = the engine found none.
        engine: Who translated.
        model: Its model.
    """
    lines: list[TranslatedLine] = []
    for segment in transcript.segments:
        text = texts.get(segment.id)
        if text is None:
            line = _line(segment, segment.text, "same_language", "none", "")
        elif text.strip():
            line = _line(segment, text.strip(), "translated", engine, "")
        else:
            line = _line(segment, "", "untranslated", engine, "the engine gave no usable text")
        lines.append(line)
    return Translation(
        source_language=transcript.language,
        target_language=target,
        engine=f"{engine} {model}".strip(),
        lines=lines,
    )


def _line(segment: Segment, text: str, status: str, engine: str, note: str) -> TranslatedLine:
    return TranslatedLine.model_validate(
        {
            "id": segment.id,
            "source_text": segment.text,
            "text": text,
            "status": status,
            "engine": engine,
            "note": note,
        }
    )
