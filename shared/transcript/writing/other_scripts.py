#!/usr/bin/env python3
"""
Other scripts: letters of a third script inside a Hindi line, read by their sounds.

Small models mix scripts: एक बार 그 जो, दیستکشن, சமுंबई, 他 ने. The letters of the scripts of India
stand for the same sounds in the same order (Unicode lays their blocks out alike); all others are
read in Roman letters by anyascii, which are then written as any word in Roman letters is.

Usage:
    from shared.transcript.writing.other_scripts import read_aloud

    read_aloud("சமுंबई")     # 'समुंबई'
    read_aloud("그")          # 'geu'
"""

from __future__ import annotations

import unicodedata

import regex
from anyascii import anyascii

# Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam, each 128 code points long.
FIRST_INDIC, LAST_INDIC, BLOCK = 0x0980, 0x0D7F, 0x80
DEVANAGARI = 0x0900
# Tamil writes s and ch with one letter, Bengali has a letter of its own for the y that is said.
OTHERWISE = {"ச": "स", "য": "ज", "য়": "य", "ড়": "ड़", "ੰ": "ं", "ੱ": ""}
# Hindi has no short e and o, and one l, r and n each.
NOT_IN_HINDI = str.maketrans("ऎऒॆॊळऴऱऩ", "एओेोललरन")
# Not Hindi's own letters, nor Roman or Urdu ones, which are read word by word.
THIRD = regex.compile(
    r"[[\p{L}\p{M}]--\p{Devanagari}--\p{Latin}--\p{Arabic}--\p{Script=Inherited}]+", regex.V1
)


def read_aloud(text: str) -> str:
    """Return a text with letters of a third script in Devanagari or Roman ones, by their sounds.

    Args:
        text: A token or a line; letters that nobody can read stay.
    """
    return str(THIRD.sub(lambda found: _read(found[0]), text))


def _read(letters: str) -> str:
    return "".join(map(_letter, unicodedata.normalize("NFC", letters)))


def _letter(char: str) -> str:
    if char in OTHERWISE:
        return OTHERWISE[char]
    code = ord(char)
    if FIRST_INDIC <= code <= LAST_INDIC:
        same = chr(DEVANAGARI + (code - FIRST_INDIC) % BLOCK)
        same = same.translate(NOT_IN_HINDI)
        return same if unicodedata.category(same)[0] in "LM" else ""
    sound = anyascii(char).lower()
    return sound if sound.isalpha() else char
