#!/usr/bin/env python3
"""
OpenCC: Chinese in the letters that were asked for, simplified or traditional.

The only place that imports opencc. Recognisers and translators mix both. A tag says which are
wanted: zh and zh-Hans simplified, zh-Hant traditional as in Taiwan (CLDR's likely place), zh-TW and
zh-HK with the letters used there.
Words stay; only letters change.

Usage:
    from scripts.writing.opencc_integration import in_letters_of

    in_letters_of("zh-Hant", "我们")      # '我們'
"""

from __future__ import annotations

from functools import cache
from typing import Any

from shared.core.languages import primary, with_script
from shared.transcript.records.schemas import Segment, Transcript, TranslatedLine, Translation

ENGINE = "opencc"
CHINESE, TRADITIONAL = "zh", "Hant"
SIMPLIFIED_OF, TRADITIONAL_OF = "t2s", "s2t"
# Letters of a place: into its own, from its own.
PLACES = {"TW": ("s2tw", "tw2s"), "HK": ("s2hk", "hk2s"), "MO": ("s2hk", "hk2s")}


def in_letters_of(tag: str, text: str) -> str:
    """Return a Chinese text in the letters of a language tag; other languages stay.

    A text that is traditional throughout is left as it is where that is wanted: its letters may be
    simplified ones of other words (后, 里).

    Args:
        tag: BCP-47: zh, zh-Hans, zh-Hant, zh-TW, zh-HK.
        text: In whatever letters.
    """
    if primary(tag) != CHINESE:
        return text
    parts = with_script(tag).split("-")
    into, back = PLACES.get(parts[-1] if tag != CHINESE else "", (TRADITIONAL_OF, SIMPLIFIED_OF))
    if TRADITIONAL not in parts:
        return _converted(SIMPLIFIED_OF, text)
    return text if _is_traditional(text, back) else _converted(into, text)


def transcript_in_letters(transcript: Transcript, tag: str) -> Transcript:
    """Return a transcript with its Chinese in the letters that were asked for.

    Args:
        transcript: As it was recognised.
        tag: The film's language as a person asked for it.
    """
    if primary(tag) != CHINESE:
        return transcript
    segments = [
        _segment(one, tag) if primary(one.language) == CHINESE else one
        for one in transcript.segments
    ]
    return transcript.model_copy(update={"segments": segments})


def translation_in_letters(translation: Translation, tag: str) -> Translation:
    """Return a translation in the letters of its target language.

    Args:
        translation: As the engines wrote it.
        tag: The target, BCP-47.
    """
    if primary(tag) != CHINESE:
        return translation
    lines = [_line(line, tag) for line in translation.lines]
    return translation.model_copy(update={"lines": lines})


def _line(line: TranslatedLine, tag: str) -> TranslatedLine:
    """Return a line in other letters; one that was Chinese already is translated by that."""
    text = in_letters_of(tag, line.text)
    if text == line.text:
        return line
    update = {"text": text}
    if line.status == "same_language":
        update |= {"status": "translated", "engine": ENGINE}
    return line.model_copy(update=update)


def _segment(segment: Segment, tag: str) -> Segment:
    """Return a segment in other letters; what the engine wrote stays in heard_text."""
    text = in_letters_of(tag, segment.text)
    if text == segment.text:
        return segment
    # Each word has as many letters as before: they are taken from the text, which knows the phrase.
    words, place = [], 0
    for word in segment.words:
        found = segment.text.find(word.text, place)
        if found >= 0 and len(text) == len(segment.text):
            place = found + len(word.text)
            words.append(word.model_copy(update={"text": text[found:place]}))
        else:
            words.append(word.model_copy(update={"text": in_letters_of(tag, word.text)}))
    update = {"text": text, "words": words, "heard_text": segment.heard_text or segment.text}
    return segment.model_copy(update=update)


def _is_traditional(text: str, back: str) -> bool:
    """Return whether a text has letters that are only traditional and none that are only simple."""
    only_traditional = any(_converted(back, char) != char for char in text)
    only_simple = any(
        _converted(TRADITIONAL_OF, char) != char and _converted(SIMPLIFIED_OF, char) == char
        for char in text
        if char not in SHARED
    )
    return only_traditional and not only_simple


# Simplified letters that are traditional ones, too, of other words.
SHARED = frozenset("后里发干面松复系台才只征谷斗几冲向余云丑致钟准范回家困周吁夸参合姜")


@cache
def _converter(config: str) -> Any:
    from opencc import OpenCC

    return OpenCC(config)


def _converted(config: str, text: str) -> str:
    return str(_converter(config).convert(text))
