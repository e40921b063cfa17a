#!/usr/bin/env python3
"""
Languages: from what a user types ('hindi', 'hin', 'hi') to tags, names and codes.

Usage:
    from shared.core.languages import alpha3_bibliographic, parse_language

    parse_language("Hindi")        # 'hi'
    alpha3_bibliographic("de")     # 'ger', as Matroska wants it
"""

from __future__ import annotations

import difflib

import langcodes
from langcodes.tag_parser import LanguageTagError

from shared.core.errors import InputError

AUTO = "auto"


def parse_language(text: str, option: str = "-s") -> str:
    """Return the BCP-47 tag of a language given as tag, ISO 639 code or English name.

    Args:
        text: For example 'hi', 'hin', 'Hindi', 'pt-BR'.
        option: The option it was given with, for the message.

    Raises:
        InputError: When it is no known language; with the nearest name.
    """
    try:
        language = langcodes.Language.get(text.strip())
        if text.strip() and language.is_valid() and (language.language or "und") != "und":
            return str(langcodes.standardize_tag(language.to_tag(), macro=False))
    except LanguageTagError:
        pass
    try:
        if not text.isprintable():  # the name table reads control characters as its own marks
            raise LookupError(text)
        return str(langcodes.find(text.strip()).to_tag())
    except LookupError as error:
        raise InputError(
            f"Unknown language {text!r} ({option})",
            hint=_nearest_language(text) or "Give an ISO code such as hi, en, ta or a name",
        ) from error


def language_name(tag: str) -> str:
    """Return the English name of a language, for people ('Hindi').

    Args:
        tag: BCP-47.
    """
    return str(langcodes.Language.get(tag).display_name())


def native_name(tag: str) -> str:
    """Return a language's name in itself, for track titles ('हिन्दी').

    Args:
        tag: BCP-47.
    """
    name = langcodes.Language.get(tag).autonym()
    return str(name[:1].upper() + name[1:])


def alpha3_bibliographic(tag: str) -> str:
    """Return the ISO 639-2/B code that Matroska's Language element holds ('ger', 'hin').

    Args:
        tag: BCP-47; without such a code the result is 'und'.
    """
    try:
        return str(langcodes.Language.get(tag).to_alpha3(variant="B"))
    except LookupError:
        return "und"


def primary(tag: str) -> str:
    """Return the language alone, without script and region ('pt-BR' → 'pt').

    Args:
        tag: BCP-47.
    """
    return str(langcodes.Language.get(tag).language or tag)


def _nearest_language(text: str) -> str:
    names = ["hindi", "english", "urdu", "tamil", "telugu", "bengali", "marathi", "malayalam"]
    names += ["kannada", "gujarati", "punjabi", "spanish", "french", "german", "japanese"]
    names += ["portuguese", "italian", "korean", "chinese", "russian", "arabic"]
    found = difflib.get_close_matches(text.lower(), names, n=1, cutoff=0.6)
    return f"Did you mean {found[0]}?" if found else ""
