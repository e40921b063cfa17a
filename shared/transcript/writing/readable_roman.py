#!/usr/bin/env python3
"""
Readable Roman: Hindi in Roman letters as people type it, not as scholars do.

A transliterator does the letters; here is what it leaves to mend, word by word: nasals that are n
at the end of a word (kahan, not kaham), the long a at its beginning and within one syllable (aap,
kaam), d for a flap (ladki), f, w, and the handful of words that everybody spells in one way.

Usage:
    from shared.transcript.writing.readable_roman import before_roman, mend_roman

    mend_roman("कहाँ", transliterate(before_roman("कहाँ")))     # 'kahan'
"""

from __future__ import annotations

import regex

from shared.transcript.writing.hindi_sounds import plain_word

# A nasal is m before a sound of the lips, else n.
NASAL = regex.compile(r"[ंँ](?![पफबभम])")
N = "न्"
FLAPS = (("ड\u093c", "ड"), ("ढ\u093c", "ढ"))
USUAL = {
    "में": "mein",
    "मैं": "main",
    "मैंने": "maine",
    "हूँ": "hoon",
    "हूं": "hoon",
    "हाँ": "haan",
    "हां": "haan",
    "माँ": "maa",
    "मां": "maa",
    "यह": "yeh",
    "वह": "woh",
    "वो": "woh",
    "न": "na",
    "व": "va",
    "क्यों": "kyun",
    "ज्ञान": "gyan",
    "पाँच": "paanch",
    "पांच": "paanch",
    "फिल्म": "film",
    "फोन": "phone",
    "सिंह": "singh",
}
# One syllable with a long a that a consonant closes.
CLOSED_LONG_A = regex.compile(r"[क-ह](?:्[क-ह])*ा[क-ह]")
# In this order.
MENDED = (
    (regex.compile(r"chchh?"), "cch"),
    (regex.compile(r"jny"), "gy"),
    (regex.compile(r"(?<=[a-z])ph"), "f"),
    (regex.compile(r"^v(?=[ao])"), "w"),
    (regex.compile(r"[^\x00-\x7f']"), ""),
)


def before_roman(word: str) -> str:
    """Return a Devanagari word as the transliterator should see it.

    Args:
        word: One word.
    """
    plain = str(NASAL.sub(N, plain_word(word)))
    for flap, plosive in FLAPS:
        plain = plain.replace(flap, plosive)
    return plain


def mend_roman(word: str, written: str) -> str:
    """Return a word in Roman letters as people type it.

    Args:
        word: The word in Devanagari.
        written: What the transliterator made of before_roman(word).
    """
    plain = plain_word(word)
    if plain in USUAL:
        return USUAL[plain]
    for pattern, replacement in MENDED:
        written = pattern.sub(replacement, written)
    if plain.startswith("आ") and written.startswith("a") and not written.startswith("aa"):
        written = "a" + written
    if CLOSED_LONG_A.fullmatch(plain) and "aa" not in written:
        written = written.replace("a", "aa", 1)
    return written
