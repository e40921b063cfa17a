#!/usr/bin/env python3
"""
Verbalise: a token as it is said, in letters that an acoustic model knows.

Subtitles write "₹500" and "10:30"; what is heard is words. The words are only for the aligner: the
token's own text never changes.

Usage:
    from scripts.alignment.verbalise import romanise, spoken_form

    spoken_form("₹500", "hi")        # 'पाँच सौ रुपये'
    romanise("नमस्ते", "hi")           # 'namaste'
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from scripts.alignment.number_words import number_words, ordinal_words
from shared.transcript.languages.symbols import (
    CURRENCIES,
    SYMBOLS,
    clock_word,
    decimal_mark,
    symbol_word,
)

# Stands for something said that nobody can spell: the aligner listens for any sound there.
UNKNOWN = "\ufffc"
ENGLISH = "en"
NUMBER = r"[0-9]+(?:[.,'][0-9]+)*"
SPOKEN_OTHERWISE = re.compile(
    rf"(?P<currency>[{CURRENCIES}])(?P<amount>{NUMBER})"
    r"|(?<![0-9:])(?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9])(?![0-9:])"
    r"|(?P<nth>[0-9]+)(?P<ending>st|nd|rd|th)\b"
    rf"|(?P<number>{NUMBER})"
    rf"|(?P<symbol>[{re.escape(SYMBOLS)}])",
    re.IGNORECASE,
)

PUNCTUATION = ".,;:!?\"'()[]-…"
PLURAL = re.compile(r"(?<=[0-9])'?s$")
# uroman writes Chinese numerals as digits.
NUMERAL_SIGNS = "〇零一二三四五六七八九十百千万億亿"
NUMERALS = {
    language: dict(zip(NUMERAL_SIGNS, sounds.split(), strict=True))
    for languages, sounds in (
        (("ja",), "rei rei ichi ni san yon go roku nana hachi kyuu juu hyaku sen man oku oku"),
        (("zh", "cmn"), "ling ling yi er san si wu liu qi ba jiu shi bai qian wan yi yi"),
    )
    for language in languages
}


def spoken_form(token: str, language: str) -> str:
    """Return a token in words: numbers, money, clock times and symbols spelt out.

    Args:
        token: Any text without spaces.
        language: BCP-47 primary tag of what is spoken.

    Returns:
        Words, possibly several; UNKNOWN stands where nobody knows how it is said. Letters stay.
    """
    plain = "".join(_digit(char) for char in unicodedata.normalize("NFC", token))
    bare = PLURAL.sub("", plain.strip(PUNCTUATION))
    pieces, position = [], 0
    for match in SPOKEN_OTHERWISE.finditer(plain):
        between = plain[position : match.start()]
        # "3.5%" is several words; the letters in "5th" and "B2B" belong to the number's word.
        pieces += [between or " ", _say(match, language, match.group() == bare)]
        position = match.end()
    return " ".join("".join([*pieces, plain[position:]]).split())


def romanise(text: str, language: str) -> str:
    """Return a text in Latin letters, lower case.

    Args:
        text: In any script; UNKNOWN and what has no sound stay as they are.
        language: BCP-47 primary tag; some letters sound otherwise in some languages.
    """
    if language in NUMERALS:
        text = "".join(NUMERALS[language].get(char, char) for char in text)
    if text.isascii():
        return text.lower()
    return str(_uroman().romanize_string(text, lcode=_alpha3(language))).lower()


def _say(match: re.Match[str], language: str, alone: bool) -> str:
    """Return the words for one number, amount, time or symbol."""
    found = match.groupdict()
    if found["currency"]:
        value, currency = _value(found["amount"], language), symbol_word(
            found["currency"], language
        )
        whole, _, cents = value.partition(".")
        amount = value if len(cents) != 2 else whole
        words = [number_words(amount, language, plain=False) or UNKNOWN, currency]
        if len(cents) == 2 and cents != "00":
            words.append(number_words(str(int(cents)), language) or UNKNOWN)
        return " ".join(words)
    if found["hour"]:
        hour = number_words(str(int(found["hour"])), language)
        minute = number_words(str(int(found["minute"])), language) if int(found["minute"]) else ""
        words = [hour or UNKNOWN, clock_word(language), UNKNOWN if minute is None else minute]
        return " ".join(filter(None, words))
    if found["nth"]:
        return ordinal_words(found["nth"], ENGLISH) or UNKNOWN
    if found["number"]:
        year = alone and found["number"].isdecimal()  # 1,234 is no year
        return number_words(_value(found["number"], language), language, plain=year) or UNKNOWN
    return symbol_word(found["symbol"], language)


def _value(number: str, language: str) -> str:
    """Return a written number with "." before its fraction and nothing between thousands."""
    number = number.replace("'", "")
    mark = decimal_mark(language)
    other = "," if mark == "." else "."
    groups = re.split(r"[.,]", number)
    if mark in number and other in number:
        last = max(number.rfind(mark), number.rfind(other))
        return f"{_digits(number[:last])}.{number[last + 1:]}"
    used = mark if mark in number else other
    # 1,00,000 and 1.000.000 are whole; so is 1,000 where the comma is not the decimal mark.
    grouped = len(groups[0]) <= 3 and len(groups[-1]) == 3 and (len(groups) > 2 or used == other)
    # Nobody writes the noughts of a fraction to its end: 10,000 is a number of English there, too.
    grouped = grouped or (
        used == "," and groups[0] != "0" and len(groups[-1]) == 3 and groups[-1].endswith("00")
    )
    if len(groups) == 1 or grouped or len(groups) > 2:
        return _digits(number)
    return f"{groups[0]}.{groups[1]}"


def _digits(number: str) -> str:
    return re.sub(r"[.,]", "", number)


def _digit(char: str) -> str:
    """Return an ASCII digit for a decimal digit of any script, everything else as it is."""
    return str(unicodedata.decimal(char)) if char.isdecimal() else char


@lru_cache(maxsize=1)
def _uroman() -> Any:
    import uroman

    return uroman.Uroman()


@lru_cache(maxsize=64)
def _alpha3(language: str) -> str | None:
    import langcodes

    try:
        return str(langcodes.Language.get(language).to_alpha3())
    except LookupError:
        return None
