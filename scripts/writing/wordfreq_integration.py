#!/usr/bin/env python3
"""
Wordfreq: the common words of a language, which no name of a film may take the place of.

Usage:
    from scripts.writing.wordfreq_integration import common_words

    "very" in common_words("en")     # True
    common_words("tlh")              # empty: nobody has counted
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache

from shared.core.languages import AUTO, primary
from shared.glossary.matching import fold


def is_installed() -> bool:
    """Return whether words are counted here at all."""
    return importlib.util.find_spec("wordfreq") is not None


@lru_cache(maxsize=16)
def common_words(language: str) -> frozenset[str]:
    """Return the words that stand at least once in a million, folded; empty where unknown.

    Args:
        language: BCP-47, or "auto".
    """
    if language == AUTO or not is_installed():
        return frozenset()
    from wordfreq import available_languages, get_frequency_dict

    # Asked for a language that it has not counted, it answers with a related one.
    if primary(language) not in available_languages(wordlist="small"):
        return frozenset()
    words = get_frequency_dict(primary(language), wordlist="small")
    return frozenset(fold(word) for word in words)
