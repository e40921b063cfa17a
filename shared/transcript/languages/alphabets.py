#!/usr/bin/env python3
"""
Scripts: in which script a language is written, and which share of a text is in it.

Usage:
    from shared.transcript.languages.alphabets import script_of, share_in_script

    script_of("hi")                            # 'Deva'
    share_in_script("नमस्ते world", "hi")       # 0.375
"""

from __future__ import annotations

import unicodedata
from functools import cache

import regex

# ISO 15924 codes of writing systems that are several scripts to Unicode.
PARTS = {
    "Jpan": "Han Hiragana Katakana",
    "Hans": "Han Bopomofo",
    "Hant": "Han Bopomofo",
    "Kore": "Hangul Han",
    "Aran": "Arabic",
}
LATIN = "Latn"
UNKNOWN = "und"
LETTER = regex.compile(r"\p{L}")
# Letters of the scripts that put no space between words, as a part of a regex set; the long vowel
# mark of Japanese belongs to no script.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
UNSPACED_LETTER = regex.compile(f"[{UNSPACED}]")
# With the joiners that say how letters within a word are drawn; danda and double danda are common
# to many scripts and end sentences, not words.
DEVANAGARI_WORD = regex.compile(r"[\p{Script=Devanagari}\u200c\u200d]+")
# Letters that several scripts share count for each, as the long vowel mark of Japanese.
SHARED = r"\p{Script=Common}\p{Script=Inherited}"
# Names, brands and loan words stand in Latin letters in text of every script.
EVERYWHERE = rf"{SHARED}\p{{Script=Latin}}"
# A Greek letter alone is a sign of science: β, Ω.
GREEK_SIGN = r"(?<!\p{L})\p{Script=Greek}(?!\p{L})"
# Latin letters that look like those of Cyrillic and Greek, which are typed for one another.
LOOK_ALIKES = "ABCEHKMOPTXYaceopxy"


@cache
def script_of(language: str) -> str:
    """Return the ISO 15924 code of a language's script, '' where unknown.

    Args:
        language: BCP-47.
    """
    import langcodes

    return str(langcodes.Language.get(language).maximize().script or "")


def script_name(letter: str) -> str:
    """Return the name of the script of a letter: 'Cyrillic', 'Han'.

    Args:
        letter: One character.
    """
    first = unicodedata.name(letter, "").partition(" ")[0].capitalize()
    return "Han" if first == "Cjk" else first


def letter_count(text: str) -> int:
    """Return the number of letters in a text, marks not counted.

    Args:
        text: Any text.
    """
    return len(LETTER.findall(text))


def letters_in_script(text: str, language: str) -> int:
    """Return how many letters of a text are in the script of a language.

    Args:
        text: Any text.
        language: BCP-47; any letter counts where its script is unknown.
    """
    return len(_letters_of(language).findall(text))


def share_in_script(text: str, language: str) -> float:
    """Return which share of the letters is in the script of a language, 1.0 without letters.

    Args:
        text: Any text.
        language: BCP-47.
    """
    letters = letter_count(text)
    return letters_in_script(text, language) / letters if letters else 1.0


def foreign_words(text: str, language: str) -> list[str]:
    """Return runs of letters that do not belong into text of a language.

    Letters of another script than the language's, Latin ones aside; and words of Cyrillic or Greek
    in which Latin letters stand that only look like theirs.

    Args:
        text: Any text.
        language: BCP-47; nothing is foreign where its script is unknown.
    """
    known = not language.startswith(UNKNOWN)  # to CLDR an unknown language is likely English
    pattern = _foreign(script_of(language)) if known else None
    return [match[0] for match in pattern.finditer(text)] if pattern else []


@cache
def _foreign(script: str) -> regex.Pattern[str] | None:
    """Return the pattern of what is foreign to a script, None where that is unknown."""
    names = PARTS.get(script, script).split()
    try:
        own = "".join(rf"\p{{Script={name}}}" for name in names)
        foreign = rf"(?:(?!{GREEK_SIGN})[[\p{{L}}\p{{M}}]--[{own}{EVERYWHERE}]])+"
        if script in ("Cyrl", "Grek"):
            word = rf"(?:[{own}]|[{LOOK_ALIKES}])"
            both = rf"(?={word}*[{own}])(?={word}*[{LOOK_ALIKES}])"
            foreign = rf"{foreign}|(?<!\p{{L}}){both}{word}+(?!\p{{L}})"
        return regex.compile(foreign, regex.V1) if own else None
    except regex.error:
        return None


@cache
def _letters_of(language: str) -> regex.Pattern[str]:
    """Return the pattern of one letter in a language's script; any letter where unknown."""
    script = script_of(language)
    names = PARTS.get(script, script).split()
    try:
        inside = "".join(rf"\p{{Script={name}}}" for name in names)
        return regex.compile(rf"[[{inside}{SHARED}]&&\p{{L}}]" if inside else r"\p{L}", regex.V1)
    except regex.error:
        return regex.compile(r"\p{L}")
