#!/usr/bin/env python3
"""
Hindi letters: how Devanagari, Roman and Urdu letters stand for the same sounds.

One ASCII letter a consonant, H for a breath after it (kH = ख); ə is the vowel that Devanagari does
not write, capital vowels are the long ones, E = ऐ, O = औ. Dental and retroflex are one sound: Roman
letters do not tell them apart, and a recogniser that writes Urdu mixes them up.

Usage:
    from shared.transcript.writing.hindi_letters import devanagari_sounds

    devanagari_sounds("लड़का")      # ['lədəkA', 'lərəkA']
"""

from __future__ import annotations

import unicodedata

NUKTA, VIRAMA = "\u093c", "\u094d"
NASALS = frozenset("ंँ")
LIPS = frozenset("पफबभम")
CONSONANTS = {
    **dict(zip("कखगघङ", ("k", "kH", "g", "gH", "n"), strict=True)),
    **dict(zip("चछजझञ", ("C", "CH", "j", "jH", "n"), strict=True)),
    **dict(zip("टठडढण", ("t", "tH", "d", "dH", "n"), strict=True)),
    **dict(zip("तथदधन", ("t", "tH", "d", "dH", "n"), strict=True)),
    **dict(zip("पफबभम", ("p", "pH", "b", "bH", "m"), strict=True)),
    **dict(zip("यरलवशषसहळ", ("y", "r", "l", "v", "S", "S", "s", "h", "l"), strict=True)),
}
VOWEL_LETTERS = dict(zip("अआइईउऊएऐओऔऋऑऍ", "aAiIuUeEoOroe", strict=True))
VOWEL_SIGNS = dict(zip("ािीुूेैोौृॉॅ", "AiIuUeEoOroe", strict=True))
FLAPS = ("ड" + NUKTA, "ढ" + NUKTA)

# In this order: longer spellings first.
ROMAN_LETTERS = (
    ("cchh", "CCH"),
    ("cch", "CCH"),
    ("chh", "CH"),
    ("ch", "C"),
    ("sh", "S"),
    ("ph", "pH"),
    ("f", "pH"),
    ("kh", "kH"),
    ("gh", "gH"),
    ("jh", "jH"),
    ("th", "tH"),
    ("dh", "dH"),
    ("bh", "bH"),
    ("aa", "A"),
    ("ee", "i"),
    ("ii", "i"),
    ("oo", "u"),
    ("uu", "u"),
    ("ei", "e"),
    ("c", "k"),
    ("q", "k"),
    ("x", "ks"),
    ("z", "j"),
    ("w", "v"),
)

URDU_LETTERS = {
    **dict.fromkeys("اآأعٰ", "A"),
    **dict.fromkeys("تطةٹ", "t"),
    **dict.fromkeys("ثسص", "s"),
    **dict.fromkeys("جذزضظژ", "j"),
    **dict.fromkeys("حہهۂۃ", "h"),
    **dict.fromkeys("دڈ", "d"),
    **dict.fromkeys("رڑ", "r"),
    **dict.fromkeys("کكق", "k"),
    **dict.fromkeys("نں", "n"),
    **dict.fromkeys("وؤ", "w"),
    **dict.fromkeys("یيىئ", "y"),
    **dict.fromkeys("ےۓ", "e"),
    **{"ب": "b", "پ": "p", "چ": "C", "خ": "kH", "ش": "S", "غ": "g", "ف": "pH", "گ": "g"},
    **{"ل": "l", "م": "m", "ھ": "H"},
}


def devanagari_sounds(word: str) -> list[str]:
    """Return the sounds of a Devanagari word; two readings if it has a flap (ड़), else one.

    Args:
        word: One word; what is not Devanagari is left out.
    """
    plain = unicodedata.normalize("NFD", word)
    first = _sounds(plain.replace(NUKTA, ""))
    if not any(flap in plain for flap in FLAPS):
        return [first]
    as_r = plain.replace(FLAPS[0], "र").replace(FLAPS[1], "र" + VIRAMA + "ह")
    return [first, _sounds(as_r.replace(NUKTA, ""))]


def _sounds(word: str) -> str:
    sounds: list[str] = []
    for place, char in enumerate(word):
        following = word[place + 1 : place + 2]
        if char in CONSONANTS:
            sounds.append(CONSONANTS[char])
            if not following and word[place - 1 : place] != VIRAMA:
                continue
            # Spoken before another letter, and at the end after two consonants (dharma).
            if following not in VOWEL_SIGNS and following != VIRAMA:
                sounds.append("ə")
        elif char in VOWEL_LETTERS:
            sounds.append(VOWEL_LETTERS[char])
        elif char in VOWEL_SIGNS:
            sounds.append(VOWEL_SIGNS[char])
        elif char in NASALS:
            sounds.append("m" if following in LIPS and following else "n")
    return "".join(sounds)


URDU_CONSONANTS = {
    **dict(zip("بپتٹثجچحخدڈ", "ब प त ट स ज च ह ख़ द ड".split(), strict=True)),
    **dict(zip("ذرڑزژسشصضطظ", "ज़ र ड़ ज़ झ स श स ज़ त ज़".split(), strict=True)),
    **dict(zip("غفقکكگلمنہهۂةۃ", "ग़ फ़ क़ क क ग ल म न ह ह ह त त".split(), strict=True)),
}
BREATHED = dict(zip("कगचजटडतदपब", "खघछझठढथधफभ", strict=True)) | {"ड" + NUKTA: "ढ" + NUKTA}
# Of a vowel letter: how it stands alone and after a consonant.
URDU_VOWELS = {
    **{"ا": ("अ", "ा"), "أ": ("अ", "ा"), "آ": ("आ", "ा"), "ع": ("अ", ""), "و": ("ओ", "ो")},
    **{"ؤ": ("ओ", "ो"), "ے": ("ए", "े"), "ۓ": ("ए", "े"), "ئ": ("", ""), "ں": ("ं", "ं")},
    **dict.fromkeys("یيى", ("ई", "ी")),
}
# Consonants in front of another vowel: w and y.
URDU_GLIDES = {"و": "व", "ی": "य", "ي": "य", "ى": "य"}
# At the end of a word it is not heard: the word ends in a long a.
SILENT_HE = frozenset("ہهۂ")
OPENING = frozenset("اآأےوؤ")


def urdu_letters_as_devanagari(word: str) -> str:
    """Return a word in Urdu letters letter by letter in Devanagari; short vowels stay unwritten.

    Args:
        word: Letters that are not Urdu are left out.
    """
    written: list[str] = []
    after_consonant = False
    for place, char in enumerate(word):
        following = word[place + 1 : place + 2]
        if char in URDU_GLIDES and (following in OPENING or (not written and following)):
            written.append(URDU_GLIDES[char])
            after_consonant = True
        elif char in URDU_VOWELS:
            written.append(URDU_VOWELS[char][after_consonant])
            after_consonant = False
        elif char == "ھ" and written:
            written[-1] = BREATHED.get(written[-1], written[-1])
        elif char in SILENT_HE and after_consonant and not following:
            written.append(URDU_VOWELS["ا"][True])
        elif char in URDU_CONSONANTS:
            written.append(URDU_CONSONANTS[char])
            after_consonant = True
    return unicodedata.normalize("NFC", "".join(written))
