#!/usr/bin/env python3
"""
Langid: which of a few languages a text is in, or of all that py3langid knows.

Among two or three languages it is sure of nearly every line of four words, among all of few: of
17,000 lines of game dialogue in ten languages with twenty letters or more it was sure of half, and
wrong where a line was written in two languages.

Usage:
    from scripts.writing.langid_integration import identify

    identify("Where have you been?", ["de", "en"])   # "en"
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from shared.translation.plausible import ANY_LANGUAGE

LEAST_PROBABILITY = 0.95
FEWEST_LETTERS = 10
# Among all that it knows.
LEAST_PROBABILITY_OF_ALL = 0.99
FEWEST_LETTERS_OF_ALL = 20
NO_LANGUAGE = "zxx"


def identify(text: str, among: Collection[str]) -> str:
    """Return the language of a text, "" while that is not sure.

    Args:
        text: A line or more.
        among: Primary languages, BCP-47; one that py3langid does not know leaves all unsure. With
            ANY_LANGUAGE every language comes into question.

    Returns:
        One of them.
    """
    known = frozenset(among) - {ANY_LANGUAGE}
    anything = ANY_LANGUAGE in among
    fewest = FEWEST_LETTERS_OF_ALL if anything else FEWEST_LETTERS
    if len(among) < 2 or sum(letter.isalpha() for letter in text) < fewest:
        return ""
    identifier = _identifier(known, anything)
    if identifier is None:
        return ""
    language, probability = identifier.classify(text)
    least = LEAST_PROBABILITY_OF_ALL if anything else LEAST_PROBABILITY
    return str(language) if probability >= least and language != NO_LANGUAGE else ""


@lru_cache(maxsize=8)
def _identifier(among: frozenset[str], anything: bool) -> Any:
    """Return an identifier of certain languages or all, None where it does not know one of them."""
    made = copy.copy(_model())  # which languages it tells apart is its own, the tables are not
    if not among <= set(made.labels):
        return None
    if not anything:
        made.set_languages(sorted(among))
    return made


@cache
def _model() -> Any:
    """Return an identifier of all languages; reading its tables takes half a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
