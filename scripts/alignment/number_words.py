#!/usr/bin/env python3
"""
Number words: numbers as they are said, in many languages.

The only place that imports num2words and, for the languages of India, indic-num2words.

Usage:
    from scripts.alignment.number_words import number_words

    number_words("1984", "en")       # 'nineteen eighty-four'
    number_words("3.5", "hi")        # 'तीन दशमलव पाँच'
    number_words("42", "xx")         # None: nobody knows
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

# The point between whole and fraction, where indic-num2words does the rest.
POINTS = {
    "bn": "দশমিক",
    "gu": "પોઈન્ટ",
    "hi": "दशमलव",
    "kn": "ಬಿಂದು",
    "ml": "പോയിന്റ്",
    "mr": "दशांश",
    "ne": "दशमलव",
    "or": "ଦଶମିକ",
    "pa": "ਦਸ਼ਮਲਵ",
    "ta": "புள்ளி",
    "te": "పాయింట్",
}
# Languages whose numbers sound, or are written, like those of another one.
RELATIVES = {
    "bho": "hi",
    "cmn": "ja",
    "nb": "no",
    "nn": "no",
    "ur": "hi",
    "yue": "ja",
    "zh": "ja",
}
# Where a year is not said as the number that it is.
YEARS_ARE_SAID = ("de", "en", "nl")
FIRST_YEAR, LAST_YEAR = 1100, 2099
# A longer row of digits, or one that begins with 0, is a code: it is said digit by digit.
MOST_DIGITS = 9


def number_words(number: str, language: str, plain: bool = True) -> str | None:
    """Return a number in words, None where nobody knows the language's numbers.

    Args:
        number: ASCII digits, with "." before a fraction.
        language: BCP-47 primary tag.
        plain: It stands alone, so that four digits may be a year.
    """
    whole, _, fraction = number.partition(".")
    if not fraction and plain and len(whole) == 4 and FIRST_YEAR <= int(whole) <= LAST_YEAR:
        if language in YEARS_ARE_SAID:
            return _said(whole, language, "year")
    if len(whole) > MOST_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        return _digit_by_digit(whole + fraction, language)
    if not fraction:
        return _said(whole, language, "cardinal")
    if RELATIVES.get(language, language) not in POINTS:
        return _said(number, language, "cardinal") or _digit_by_digit(whole + fraction, language)
    point = POINTS[RELATIVES.get(language, language)]
    before, after = _said(whole, language, "cardinal"), _digit_by_digit(fraction, language)
    return f"{before} {point} {after}" if before and after else None


def ordinal_words(number: str, language: str) -> str | None:
    """Return an ordinal number in words; the number itself where ordinals are not known.

    Args:
        number: ASCII digits.
        language: BCP-47 primary tag.
    """
    if len(number) > MOST_DIGITS:
        return _digit_by_digit(number, language)
    return _said(number, language, "ordinal") or _said(number, language, "cardinal")


def _digit_by_digit(digits: str, language: str) -> str | None:
    words = [_said(digit, language, "cardinal") for digit in digits]
    return None if None in words else " ".join(filter(None, words))


@lru_cache(maxsize=4096)
def _said(number: str, language: str, kind: str) -> str | None:
    """Return what the libraries say, None where they do not know."""
    language = RELATIVES.get(language, language)
    speakers: list[Callable[[], str]] = []
    if language in POINTS and kind == "cardinal" and number.isdecimal():
        speakers.append(lambda: _indic(number, language))
    speakers.append(lambda: _european(number, language, kind))
    for speak in speakers:
        try:
            words = " ".join(speak().replace(",", " ").split())
        except (ArithmeticError, AssertionError, LookupError, NotImplementedError, TypeError):
            continue
        except ValueError:
            continue
        if words:
            return words
    return None


def _indic(number: str, language: str) -> str:
    from num_to_words import num_to_word

    return str(num_to_word(number, language))


def _european(number: str, language: str, kind: str) -> str:
    """Return num2words' words; NotImplementedError for a language that it does not know."""
    from num2words import num2words

    value = Decimal(number) if "." in number else int(number)
    return str(num2words(value, lang=language, to=kind))
