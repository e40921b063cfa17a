#!/usr/bin/env python3
"""
Counting: how long text is, to the eye and to the reader.

Usage:
    from shared.subtitles.base.counting import display_length

    display_length("की")  # 1: a letter with its vowel sign stands in one place
"""

from __future__ import annotations

import unicodedata
from typing import Literal

import regex

# Whether a combining sign counts with its letter or by itself.
Counting = Literal["graphemes", "code_points"]
GRAPHEME = regex.compile(r"\X")
# Signs that steer the direction of writing or the breaking of lines and take no place.
UNSEEN = regex.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def display_length(text: str) -> int:
    """Return the length of a line as a viewer sees it: in grapheme clusters.

    Args:
        text: One line.
    """
    return count_characters(text, "graphemes")


def count_characters(text: str, counting: Counting) -> int:
    """Return the length of text; spaces and punctuation count, line feeds count as spaces.

    Args:
        text: Running text or one line.
        counting: graphemes = what stands in one place is one, code_points = every sign is one.
    """
    if text.isascii():
        return len(text)
    composed = unicodedata.normalize("NFC", UNSEEN.sub("", text))
    return len(GRAPHEME.findall(composed)) if counting == "graphemes" else len(composed)


def count_words(text: str) -> int:
    """Return the number of words: what stands between spaces and holds a letter or a digit.

    Args:
        text: Running text.
    """
    return sum(any(char.isalnum() for char in token) for token in text.split())


def full_widths(line: str, half_signs: bool = False) -> float:
    """Return the length of a line in full-width characters: what is half as wide counts a half.

    Args:
        line: One line of Japanese or Korean.
        half_signs: Whether punctuation counts a half however wide it is.
    """
    clusters = GRAPHEME.findall(unicodedata.normalize("NFC", UNSEEN.sub("", line)))
    return sum(0.5 if _is_half(one[0], half_signs) else 1.0 for one in clusters)


def _is_half(char: str, half_signs: bool) -> bool:
    if half_signs and unicodedata.category(char)[0] in "PZ":
        return True
    return unicodedata.east_asian_width(char) not in "WFA"
