#!/usr/bin/env python3
"""
Loan words: English words that were written in Devanagari, put back into Latin letters.

Precision comes first: what stays in Devanagari is still right. A word is taken for English if an
English word is spelt by its sounds, if it is not far more frequent in Hindi than that word is in
English, and if one of these bears it out:
- it has signs that only English words have in Hindi (ऑ, a cluster with ट or ड, -िंग, -मेंट …);
- it is in the list of loans without such signs (shared/transcript/writing/loan_list.py);
- no Hindi word list knows it, it is long, and sounds exactly as a common English word.
So these stay: words that are Hindi, too (बस, पास, गोल), words that Hindi has reshaped (अस्पताल,
अफ़सर) or inflected (स्टेशनों), and names.

Usage:
    from shared.transcript.writing.loan_words import english_for

    english_for("स्टेशन", spellings, hindi)     # Loan("station", "written as English words are …")
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import regex

from shared.transcript.languages.alphabets import DEVANAGARI_WORD
from shared.transcript.writing.devanagari import Rewritten
from shared.transcript.writing.english_sounds import SELDOM, SILENT, EnglishSpellings
from shared.transcript.writing.hindi_letters import NUKTA
from shared.transcript.writing.hindi_sounds import plain_word
from shared.transcript.writing.loan_list import LOANS, NOT_ENGLISH

# What hardly any native word has: the open o, a retroflex next to another consonant, the endings
# -tion, -ing and -ment, the vowels of time and house before a consonant, and clusters of f and s.
MARKED = regex.compile(
    r"[ऑॉॅऍ]|(?<![टड])्[टड]|[टड]्(?![टडठढय])|[^ूष]शन$|\p{L}\p{M}*\p{L}\p{M}*िंग$|मेंट"
    r"|ाइ[कगजटडनपबमलवसशफ]|ाउ[टडनस]|[^ज]्यू|^फ्[रल]|^[बगक]्ल|^स्[कपल]"
)
AS_ENGLISH = str.maketrans("तद", "टड")
CONSONANT = regex.compile(r"[क-ह]")
LONG = 4
# Zipf frequencies: powers of ten in a thousand million words. Above the highest, English words are
# grammar, which says nothing of loans.
COMMON, VERY_COMMON, MOST_ENGLISH = 3.5, 4.0, 6.0
# How much more frequent a loan may be in Hindi than its word is in English.
MORE_IN_HINDI = 0.8
MOST_MARKED_COST, MOST_EXACT_COST = 1.0, 0.3


@dataclass(frozen=True)
class Loan:
    """An English word in place of one in Devanagari, and what bears it out."""

    word: str
    evidence: str


def english_for(
    word: str, spellings: EnglishSpellings, hindi: Callable[[str], float]
) -> Loan | None:
    """Return the English word that a word in Devanagari is, None if it may be Hindi.

    Args:
        word: One word, without punctuation.
        spellings: English words.
        hindi: Zipf frequency of a Hindi word, 0.0 for an unknown one.
    """
    plain = without_nukta(word)
    if plain in NOT_ENGLISH:
        return None
    if LOANS.get(plain):
        return Loan(LOANS[plain], "in the list of loans")
    frequency = hindi(word)
    marked = MARKED.search(plain) is not None
    exact = not frequency and len(CONSONANT.findall(plain)) >= LONG
    if not (marked or exact or plain in LOANS):
        return None
    found = next(iter(spellings.find(plain)), None)
    if found is None or found.zipf < COMMON or found.cost > MOST_MARKED_COST:
        return None
    if frequency > min(found.zipf, MOST_ENGLISH) - found.cost + MORE_IN_HINDI:
        return None
    if plain in LOANS:
        return Loan(found.word, "in the list of loans")
    if marked:
        return Loan(found.word, f"written as English words are, spelling cost {found.cost:.1f}")
    if found.cost <= MOST_EXACT_COST and found.zipf >= VERY_COMMON:
        return Loan(found.word, "unknown in Hindi, sounds as a common English word")
    return None


def english_in_urdu(letters: str, spellings: EnglishSpellings) -> str:
    """Return the English word that Urdu letters sound as, "" for none that is common.

    Urdu has one t and one d for two of Hindi's, and a recogniser leaves out a nasal.

    Args:
        letters: The word letter by letter in Devanagari.
        spellings: English words.
    """
    if len(CONSONANT.findall(letters)) < LONG:
        return ""
    silent = SILENT | {"n": SELDOM}
    found = spellings.find(letters.translate(AS_ENGLISH), MOST_MARKED_COST, silent)
    return found[0].word if found and found[0].zipf >= COMMON else ""


def loans_in_latin(
    tokens: Sequence[Rewritten], find: Callable[[str], Loan | None]
) -> list[Rewritten]:
    """Return tokens with the English words that were heard in Devanagari in Latin letters.

    Args:
        tokens: Of one line.
        find: The English word that a word is, if it is one.
    """
    return [_loans_in_token(one, find) if one.origin == "kept" else one for one in tokens]


def _loans_in_token(token: Rewritten, find: Callable[[str], Loan | None]) -> Rewritten:
    evidence: list[str] = []

    def replace(match: regex.Match[str]) -> str:
        word = str(match.group())
        loan = find(word)
        if loan is None:
            return word
        evidence.append(f"{word} → {loan.word}: {loan.evidence}")
        return loan.word

    text = DEVANAGARI_WORD.sub(replace, token.text)
    return Rewritten(text, "loan", "; ".join(evidence)) if evidence else token


def without_nukta(word: str) -> str:
    """Return a Devanagari word in one spelling, without the dots that many leave out.

    Args:
        word: One word.
    """
    plain = unicodedata.normalize("NFD", plain_word(word)).replace(NUKTA, "")
    return unicodedata.normalize("NFC", plain)
