#!/usr/bin/env python3
"""
Langid: which of a few languages a text is in, by py3langid.

Among two or three languages it is sure of nearly every line of four words, among all of few.

Usage:
    from scripts.writing.langid_integration import identify

    identify("Where have you been?", ["de", "en"])   # "en"
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

LEAST_PROBABILITY = 0.95
FEWEST_LETTERS = 10


def identify(text: str, among: Collection[str]) -> str:
    """Return the language of a text, "" while that is not sure.

    Args:
        text: A line or more.
        among: Primary languages, BCP-47; one that py3langid does not know leaves all unsure.

    Returns:
        One of them.
    """
    if len(among) < 2 or sum(letter.isalpha() for letter in text) < FEWEST_LETTERS:
        return ""
    identifier = _identifier(frozenset(among))
    if identifier is None:
        return ""
    language, probability = identifier.classify(text)
    return str(language) if probability >= LEAST_PROBABILITY else ""


@lru_cache(maxsize=8)
def _identifier(among: frozenset[str]) -> Any:
    """Return an identifier of certain languages, None where it does not know one of them."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    made = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if not among <= set(made.labels):
        return None
    made.set_languages(sorted(among))
    return made
