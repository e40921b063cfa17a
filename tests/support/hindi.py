#!/usr/bin/env python3
"""
Hindi: a small word list with true Zipf frequencies, so that tests need no language package.

Usage:
    from tests.support.hindi import ENGLISH, WORDS, knowledge
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.transcript.writing.devanagari import HindiKnowledge
from shared.transcript.writing.hindi_sounds import HindiLexicon

WORDS = {
    **{"है": 7.3, "के": 7.4, "में": 7.2, "की": 7.1, "का": 7.0, "को": 6.9, "और": 6.9, "से": 7.0},
    **{"नहीं": 6.7, "नही": 5.8, "तो": 6.7, "मैं": 6.2, "यह": 6.4, "हम": 6.0, "तुम": 5.5},
    **{"थे": 6.0, "अरे": 4.8, "इस": 6.6, "दो": 5.9, "लोग": 5.8, "बात": 5.9, "घर": 5.6, "कि": 6.6},
    **{"बहुत": 5.9, "अच्छा": 5.4, "भाई": 5.3, "लड़का": 4.5, "कहाँ": 5.2, "कहा": 6.0, "आप": 6.2},
    **{"धर्म": 5.2, "ज़िंदगी": 4.9, "भारत": 6.0, "करता": 5.7, "ज़्यादा": 5.4, "गंदगी": 4.2},
    **{"काम": 5.8, "कम": 5.5, "कब": 5.2, "आए": 5.4, "हो": 6.6, "रहे": 6.0, "कर": 6.5, "करें": 5.8},
    **{"हूँ": 5.6, "जा": 5.9, "रहा": 6.0, "बैठे": 4.6, "भीतर": 4.8, "अपने": 6.3, "था": 6.5},
}
ENGLISH = {
    **{"the": 7.7, "to": 7.4, "is": 7.1, "are": 6.7, "do": 6.4, "i": 7.1, "you": 6.9, "we": 6.6},
    **{"office": 5.4, "late": 5.3, "meeting": 5.1, "cancel": 4.1, "going": 5.9, "home": 5.7},
    **{"main": 5.2, "hum": 3.6, "hai": 3.6, "log": 4.4, "sorry": 5.2, "time": 6.3, "not": 6.7},
    **{"phone": 5.3, "what": 6.5, "doing": 5.5, "here": 6.1, "now": 6.2, "have": 6.7, "tv": 5.2},
}
GUESSES = {"sakshatkar": ["साक्षात्कार"], "phone": ["फ़ोन"], "rakhunga": ["रखूंगा", "रखुंगा"]}


def english(word: str) -> float:
    """Return the Zipf frequency of an English word, 0.0 for an unknown one."""
    return ENGLISH.get(word, 0.0)


def guess(word: str) -> Sequence[str]:
    """Return what the spelling model is known to say of a word."""
    return GUESSES.get(word.lower(), [])


def knowledge(words: Mapping[str, float] = WORDS) -> HindiKnowledge:
    """Return the word lists as the product holds them."""
    return HindiKnowledge(HindiLexicon(words), english, guess)
