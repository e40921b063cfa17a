#!/usr/bin/env python3
"""
Own lines: lines of a cue that are never put on one, although they would fit.

Two speakers, a speaker's label, a sound, a verse, another script, a line that goes on in the middle
of a word or a number.

Usage:
    from shared.subtitles.layout.own_lines import have_own_lines

    have_own_lines(["MAN: Who's there?", "WOMAN: It's me."])    # True
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from shared.transcript.languages.alphabets import script_name
from shared.transcript.languages.symbols import NOTE_SIGNS

# Signs that steer the direction of writing: no text, and in front of what matters.
MARKS = r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
DASH = regex.compile(rf"{MARKS}[-‐‑–—―]\s*(?=[^\s\-‐‑–—―])")
# A name of capitals before a colon, the arrows of live captions, a sound or a name in brackets.
NAME = r"[\p{Lu}\p{Lo}][\p{Lu}\p{Lo}\p{M}\d .'’#&-]*:(?=\s|$)"
LABEL = regex.compile(rf"{MARKS}\s*(?:>{{2,3}}|[\[(（【]|{NAME})")
# What stands alone on its line.
ALONE = regex.compile(rf"{MARKS}\s*[\[(（【][^\[\]()（）【】]*[\])）】]\s*{MARKS}")
NOTE = regex.compile(rf"{MARKS}\s*[{NOTE_SIGNS}]")
# A line that begins so goes on with the word or the number of the line above.
GOES_ON = regex.compile(rf"{MARKS}(?:[-‐‑–]\p{{L}}|[.,:'’]\d|[,.;:!?%])")
JAPANESE = frozenset({"Hiragana", "Katakana", "Katakana-hiragana"})
LETTER = regex.compile(r"\p{L}")


def have_own_lines(lines: Sequence[str], is_sung: bool = False) -> bool:
    """Return whether the lines of a cue stay as they are, however short.

    Args:
        lines: Of a cue.
        is_sung: Whether it is a song, in which a line is a verse.
    """
    if len(lines) < 2:
        return False
    if is_sung or any(DASH.match(line) or not line.strip() for line in lines):
        return True
    first, *others = lines
    begins = (DASH, LABEL, NOTE, GOES_ON)
    if ALONE.fullmatch(first) or any(sign.match(one) for one in others for sign in begins):
        return True
    return _is_bilingual(first, others)


def _is_bilingual(first: str, others: Sequence[str]) -> bool:
    """Return whether the lines are written in different scripts."""
    above, below = _script(first), _script(" ".join(others))
    return bool(above and below and above != below)


def _script(text: str) -> str:
    """Return the script of a text's letters, '' where it is not one alone."""
    scripts = {_script_of(letter) for letter in LETTER.findall(text)}
    return scripts.pop() if len(scripts) == 1 else ""


def _script_of(letter: str) -> str:
    name = script_name(letter)
    return "Han" if name in JAPANESE else name
