#!/usr/bin/env python3
"""
Languages: from what a user types ('hindi', 'hin', 'hi') to tags, names and codes.

Usage:
    from shared.core.languages import alpha3, parse_language

    parse_language("Hindi")        # 'hi'
    alpha3("de")                   # 'ger', as Matroska wants it
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from shared.core.errors import InputError

# langcodes is imported where it is used: it would be a tenth of every command's start.
if TYPE_CHECKING:
    import langcodes

AUTO = "auto"
# Distances of CLDR: up to the first one language is a member or dialect of the other (Mandarin of
# Chinese, Egyptian of Arabic, Swiss German of German), up to the second nobody tells two written
# ones apart by a line (Bokmål and Danish, Serbian and Croatian).
SAME_SPEECH, LIKE_WRITING = 14, 59
# Members of an ISO 639-3 macrolanguage that CLDR holds further apart: better heard so than not.
MACROLANGUAGES = {"yue": "zh"}
# What a typing mistake most likely meant.
FREQUENT_NAMES = (
    "hindi english urdu tamil telugu bengali marathi malayalam kannada gujarati punjabi spanish "
    "french german japanese portuguese italian korean chinese russian arabic".split()
)
# Names in use beside those of the language tables.
OTHER_NAMES = {
    "bn": ("Bengali",),
    "cmn": ("Mandarin",),
    "fa": ("Farsi",),
    "hi-Latn": ("Hinglish",),
    "or": ("Oriya",),
    "pt-BR": ("Brazilian Portuguese",),
}


def parse_language(text: str, option: str = "-s") -> str:
    """Return the BCP-47 tag of a language given as tag, ISO 639 code or English name.

    Args:
        text: For example 'hi', 'hin', 'Hindi', 'pt-BR'.
        option: The option it was given with, for the message.

    Raises:
        InputError: When it is no known language; with the nearest name.
    """
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        language = langcodes.Language.get(text.strip())
        if text.strip() and language.is_valid() and (language.language or "und") != "und":
            return str(langcodes.standardize_tag(language.to_tag(), macro=False))
    except LanguageTagError:
        pass
    near = _find_by_name(text.strip())
    if near is not None and text.strip().casefold() in _names(near):
        return str(near.to_tag())
    similar = difflib.get_close_matches(text.casefold(), FREQUENT_NAMES, n=1)
    name = near.display_name().lower() if near is not None else "".join(similar)
    raise InputError(
        f"Unknown language {text!r} ({option})",
        hint=f"Did you mean {name}?" if name else "Give an ISO code such as hi, en, ta or a name",
    )


def language_name(tag: str) -> str:
    """Return the English name of a language, for people ('Hindi').

    Args:
        tag: BCP-47.
    """
    import langcodes

    return str(langcodes.Language.get(tag).display_name())


def native_name(tag: str) -> str:
    """Return a language's name in itself, for track titles ('हिन्दी').

    Args:
        tag: BCP-47.
    """
    import langcodes

    name = langcodes.Language.get(tag).autonym()
    return str(name[:1].upper() + name[1:])


def alpha3(tag: str, bibliographic: bool = True) -> str:
    """Return the ISO 639-2 code that film containers hold.

    Args:
        tag: BCP-47; without such a code the result is 'und'.
        bibliographic: 'ger', as Matroska wants it; otherwise 'deu'.
    """
    import langcodes

    try:
        return str(langcodes.Language.get(tag).to_alpha3(variant="B" if bibliographic else "T"))
    except LookupError:
        return "und"


def primary(tag: str) -> str:
    """Return the language alone, without script and region ('pt-BR' → 'pt').

    Args:
        tag: BCP-47.
    """
    import langcodes

    return str(langcodes.Language.get(tag).language or tag)


def nearest_known(tag: str, known: Iterable[str]) -> str | None:
    """Return the language by which a program knows another one, None where it knows it not.

    Args:
        tag: BCP-47; script and country do not count ('gsw' is known by 'de', 'cmn' by 'zh').
        known: Primary languages, BCP-47.
    """
    import langcodes

    language = primary(tag)
    names = sorted(known)
    language = language if language in names else MACROLANGUAGES.get(language, language)
    if language in names:
        return language
    found = langcodes.closest_supported_match(language, names, max_distance=SAME_SPEECH)
    return str(found) if found else None


def are_near(one: str, other: str) -> bool:
    """Return whether two languages are written so much alike that a line does not tell them apart.

    Args:
        one: BCP-47.
        other: BCP-47.
    """
    import langcodes

    both = langcodes.tag_distance(one, other), langcodes.tag_distance(other, one)
    return max(both) <= LIKE_WRITING


def with_script(tag: str) -> str:
    """Return a language with its script and country, the likely ones where the tag has none.

    Args:
        tag: BCP-47: 'zh-TW' → 'zh-Hant-TW', 'pt' → 'pt-Latn-BR'; 'und' stays.
    """
    import langcodes

    language = langcodes.Language.get(tag)
    return str(language.maximize()) if (language.language or "und") != "und" else tag


def _find_by_name(text: str) -> langcodes.Language | None:
    """Return the language of the nearest name, None without one; the search is a loose one."""
    import langcodes

    if not text or not text.isprintable():  # the name table reads control characters as marks
        return None
    try:
        return langcodes.find(text)
    except LookupError:
        return None


def _names(language: langcodes.Language) -> set[str]:
    """Return the names that stand for a language exactly, folded."""
    tag = str(language.to_tag())
    names = {language.display_name(), language.autonym(), *OTHER_NAMES.get(tag, ())}
    return {name.casefold() for name in names}
