#!/usr/bin/env python3
"""
Plausible: what speaks against a text as the translation of one line.

Engines leave lines out, merge two, number them, echo the prompt or give the source back. None of it
may reach a subtitle.

Usage:
    from shared.translation.plausible import objection

    objection("Wo bist du?", "Where are you?", "de", "en")   # '' = nothing speaks against it
"""

from __future__ import annotations

from collections.abc import Iterable

import regex

from shared.core.languages import primary
from shared.transcript.languages.alphabets import letter_count, share_in_script

# What belongs to prompts, tokenizers and data formats, not to a line of dialogue.
MARKUP = regex.compile(
    r"```|<\||\|>|</?s>|<pad>|<unk>|▁|\"(?:id|text|lines?|translations?)\"\s*:"
    r"|<\s*[\p{L}\p{M}]{0,8}\s?\d+\s*[>\]]|\[\s*id\s?\d+\s*[>\]]"
    r"|\b[a-z]{3}_(?:Latn|Deva|Arab|Beng|Cyrl|Hans|Hant|Jpan|Taml|Telu)\b"
    r"|^\s*(?:here (?:is|are) the|sure[,!]|translation\s*:)",
    regex.IGNORECASE,
)
NUMBERED = regex.compile(r"^\s*[\[(#]?\d+[\]).:|]+\s")
# A language may need several times the characters of another, short lines more so.
LONGEST_RATIO, LONGEST_FREE = 5.0, 40
SHORTEST_RATIO, SHORTEST_FREE = 0.1, 30
FEWEST_LETTERS = 4
# An echo shorter than this may be a word that both lines share.
SHORTEST_ECHO = 12
FEWEST_WORDS_OF_COPY = 4


def objection(
    source_text: str, text: str, source: str, target: str, others: Iterable[str] = ()
) -> str:
    """Return what speaks against a text as a line's translation, "" when nothing does.

    Args:
        source_text: The line.
        text: What an engine gave for it.
        source: BCP-47.
        target: BCP-47.
        others: The lines around it, which must not be found in its translation.
    """
    if not text.strip():
        return "no text"
    if MARKUP.search(text) and not MARKUP.search(source_text):
        return "markup or prompt in the text"
    if NUMBERED.match(text) and not NUMBERED.match(source_text):
        return "a number that is not in the line"
    if "\n" in text.strip() and "\n" not in source_text.strip():
        return "several lines for one"
    if len(text) > LONGEST_FREE + LONGEST_RATIO * len(source_text):
        return "much longer than the line"
    if len(text) < SHORTEST_RATIO * (len(source_text) - SHORTEST_FREE):
        return "much shorter than the line"
    folded = _folded(text)
    for other in others:
        if len(other) >= SHORTEST_ECHO and _folded(other) in folded:
            return "holds another line"
    return _copied(source_text, text, source, target)


def _copied(source_text: str, text: str, source: str, target: str) -> str:
    """Return whether the text is the line itself, or in a script that its language is not."""
    same = _folded(source_text) == _folded(text)
    wrong_script = share_in_script(source_text, target) < 0.5
    if wrong_script and letter_count(text) and share_in_script(text, target) < 0.5:
        if same or letter_count(text) >= FEWEST_LETTERS:
            return "not in the script of the language"
    different = primary(source) != primary(target)
    if same and different and len(source_text.split()) >= FEWEST_WORDS_OF_COPY:
        return "the line itself, untranslated"
    return ""


def _folded(text: str) -> str:
    return " ".join(regex.findall(r"[\p{L}\p{M}\p{N}]+", text.casefold()))
