#!/usr/bin/env python3
"""
Sentence points: where a point is no full stop, by language: abbreviations, initials, ordinals.

Source: abbreviations of the languages' dictionaries as far as subtitles have them; ordinals with a
point as CLDR writes dates and ranks.

Usage:
    from shared.transcript.languages.sentence_points import is_inner_point

    is_inner_point("3.", "Oktober", "de")    # True: the third of October
    is_inner_point("No.", "I", "en")         # False: the answer
"""

from __future__ import annotations

import re

# Written with a point in front of what they belong to.
ABBREVIATIONS = {
    "en": "mr mrs ms dr st prof jr sr vs gen col capt lt sgt rev hon mt etc",
    "de": "hr fr dr prof bzw ca z.b d.h u.a st nr usw fa",
    "fr": "m mm mme mlle dr st ste etc av apr",
    "es": "sr sra srta dr dra ud uds etc ee",
    "pt": "sr sra srta dr dra prof etc",
    "it": "sig dott prof ecc",
    "nl": "dhr mevr dr prof bijv enz",
    "pl": "dr prof inż np itd itp ul",
    "cs": "dr prof ing mgr např atd ul",
    "ru": "г ул др проф им т.е т.д",
    "hi": "डॉ डा प्रो पं श्री श्रीमती सुश्री कु मो स्व इंजी एड मि मिस लि कं उप कैप्टन ले",
    "mr": "डॉ प्रा श्री सौ कु",
    "bn": "ডা ড প্রফ মো",
    "ta": "திரு டாக்டர்",
    "te": "డా శ్రీ",
}
# In front of a number only: an answer and a word of their own else.
BEFORE_NUMBERS = frozenset("no nr nos p pp vol art fig núm num नं रु पृ सं क्र rs".split())
# They may stand at the end of a sentence: then a word that begins one follows.
MAY_END = frozenset("etc jr sr st mt usw ecc itd itp atd enz lt inc ltd co".split())
# Languages that write the third as 3.
ORDINALS = frozenset("bs cs da de et fi hr hu is lv nb nn no pl sk sl sr tr".split())
ORDINAL = re.compile(r"[(„\"“»«-]*(\d{1,2})\.")
# Several letters with a point each: U.S., z.B., т.е.
LETTERS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+", re.UNICODE)
# The names of Latin letters in Devanagari; some are words that end sentences as well.
INITIALS_HI = frozenset(
    "ए बी सी डी ई एफ एच जे के एल एम एन ओ क्यू आर एस टी यू वी डब्ल्यू एक्स वाई ज़ेड जेड".split()
)
# Of several letters with a point each, others are shorter still (उ.प्र., म.प्र.).
STATES_HI = frozenset("उ म प्र आ हि अ भा".split())
ALSO_WORDS_HI = frozenset("जी आई पी".split())
# Words that begin a sentence and no name, behind an abbreviation that may end one (the U.S.).
OPENERS = frozenset(
    "he she it we they i you the a an and but so then there this that these those what who when "
    "where why how if yes no not let's his her their my our your "
    "und aber ich du er wir ihr wo warum wie nein ja "
    "वह वो यह ये मैं तुम आप हम और लेकिन मगर फिर तो क्या क्यों कहाँ कब कैसे अब हाँ नहीं उसने "
    "मैंने वे".split()
)
# A word of one letter that ends a sentence.
WORDS_OF_ONE_LETTER = {"en": frozenset("i"), "es": frozenset("oyae"), "it": frozenset("èoeai")}


def is_inner_point(token: str, following: str, language: str, before: str = "") -> bool:
    """Return whether the point at the end of a token belongs to it and ends no sentence.

    Args:
        token: Without quotation marks behind it, ending in one point.
        following: The token after it, '' if there is none.
        language: Primary tag; '' = not known, then what is an abbreviation anywhere is one.
        before: The token in front of it, '' if there is none.
    """
    stem = token[:-1].strip("([{\"'“„«¿¡-–").lower()
    if stem in BEFORE_NUMBERS and following[:1].isdigit():
        return True
    opens = following.strip("\"'“”,।?!").lower() in OPENERS
    if stem in _abbreviations(language):
        return not (stem in MAY_END and (opens or not following))
    if stem in MAY_END and not language.startswith("hi"):
        return bool(following) and not opens and not following[:1].islower() and stem != "etc"
    if language in ORDINALS and ORDINAL.fullmatch(token) and following[:1].isalpha():
        return not opens
    if LETTERS.fullmatch(stem) or _is_spelt_hi(stem):
        return bool(following) and not opens
    return _is_initial(stem, following, language, before)


def _is_spelt_hi(stem: str) -> bool:
    """Return whether a token is several letters with a point each, by their names in Hindi."""
    parts = stem.split(".")
    return len(parts) > 1 and all(one in INITIALS_HI | ALSO_WORDS_HI | STATES_HI for one in parts)


def _is_initial(stem: str, following: str, language: str, before: str) -> bool:
    """Return whether a token is the first letter of a name."""
    if stem in INITIALS_HI:
        return True
    if stem in ALSO_WORDS_HI:
        beside = (following, before)
        return any(one.endswith(".") and one[:-1] in INITIALS_HI | ALSO_WORDS_HI for one in beside)
    is_word = stem in WORDS_OF_ONE_LETTER.get(language or "en", ())
    return len(stem) == 1 and stem.isalpha() and not is_word


def _abbreviations(language: str) -> frozenset[str]:
    if language == "hi":  # with English words in their own letters
        return KNOWN["hi"] | KNOWN["en"]
    return KNOWN.get(language, EVERY) if language else EVERY


KNOWN = {language: frozenset(words.split()) for language, words in ABBREVIATIONS.items()}
EVERY = frozenset().union(*KNOWN.values())
