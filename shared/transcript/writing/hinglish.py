#!/usr/bin/env python3
"""
Hinglish: which words of a line in Roman letters are Hindi and which are English.

Many spellings are both (to, main, is, are, do): a word is judged by how frequent it is in either
language and by its neighbours, by the most probable path through the whole line (Viterbi).

Usage:
    from shared.transcript.writing.hinglish import label_words

    label_words("tum office kab aaye the".split(), lexicon, english)
    # [Label("tum", "hi", "तुम"), Label("office", "en", ""), …]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import regex

from shared.transcript.languages.alphabets import DEVANAGARI_WORD
from shared.transcript.writing.hindi_sounds import MOST_COST, ROMAN, HindiLexicon

Tongue = Literal["hi", "en"]
TONGUES: tuple[Tongue, Tongue] = ("hi", "en")
LATIN_WORD = regex.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-z]+)*")
SPOKEN = regex.compile(rf"{LATIN_WORD.pattern}|{DEVANAGARI_WORD.pattern}")

# All in powers of ten of a probability (Zipf frequencies).
# Words that neither list holds are more often Hindi: its spelling is free, and its list is short.
UNKNOWN = {"hi": 1.8, "en": 0.4}
# English words within Hindi are things and deeds, seldom the grammar that makes the most frequent
# words frequent: above this, frequency says nothing.
MOST_ENGLISH = 6.0
# A recogniser that writes a line in Devanagari has a reason for Latin letters in it: English.
BETWEEN_OWN, LEAST_OWN = 1.2, 2
# After these ki is कि (that), elsewhere की (of).
BEFORE_THAT = frozenset(
    "है हैं था थी थे हो कहा कहता कहते बोला बोली बोले लगता लगा पता सोचा मानना".split()
)
# What it costs to change the language between two words.
SWITCH = 0.55
# A line all of whose words are English is English as a whole where that is as probable: then its
# grammar counts in full. A word that is so rare in English is none of such a line.
LEAST_ENGLISH = 3.3
# No Hindi sentence begins with what stands behind a word (of, in, to, by, is).
NEVER_FIRST = frozenset("में मे की का के को से ने तक है हैं तो थे था थी भी ही".split())
FALSE_START = 2.0


@dataclass(frozen=True)
class Label:
    """A word with its language; `devanagari` is "" for English and where no Hindi word is found."""

    word: str
    tongue: Tongue
    devanagari: str


@dataclass(frozen=True)
class _Reading:
    """What a word would be in either language: probabilities and the Hindi word."""

    hi: float
    en: float
    devanagari: str


def label_words(
    words: Sequence[str], lexicon: HindiLexicon, english: Callable[[str], float]
) -> list[Label]:
    """Return the language of each word of a line.

    Args:
        words: In order, in Latin letters or in Devanagari (which is Hindi).
        lexicon: The Hindi words.
        english: Zipf frequency of an English word, 0.0 for an unknown one.
    """
    own = sum(DEVANAGARI_WORD.fullmatch(word) is not None for word in words)
    more = BETWEEN_OWN if own >= max(LEAST_OWN, len(words) / 2) else 0.0
    shouted = not own and not any(char.islower() for word in words for char in word)
    readings = [
        ACRONYM if _is_acronym(word) and not shouted else _read(word, lexicon, english, more)
        for word in words
    ]
    if _is_english(words, readings, english):
        return [Label(word, "en", "") for word in words]
    labels: list[Label] = []
    for word, reading, tongue in zip(words, readings, _most_probable(readings), strict=True):
        devanagari = reading.devanagari if tongue == "hi" else ""
        if devanagari == "की" and labels and labels[-1].devanagari in BEFORE_THAT:
            devanagari = "कि"
        labels.append(Label(word, tongue, devanagari))
    return labels


def _is_english(
    words: Sequence[str], readings: Sequence[_Reading], english: Callable[[str], float]
) -> bool:
    """Return whether a line as a whole is English rather than Hindi with English in it."""
    known = [english(word.lower().replace("’", "'")) for word in words]
    if len(words) < 2 or min(known) < LEAST_ENGLISH:
        return False
    mixed = _score(readings, _most_probable(readings))
    if readings[0].devanagari in NEVER_FIRST:
        mixed -= FALSE_START
    return sum(known) >= mixed


def _score(readings: Sequence[_Reading], tongues: Sequence[Tongue]) -> float:
    """Return the probability of a line in some languages, in powers of ten."""
    switches = sum(one != other for one, other in pairwise(tongues))
    here = (
        one.hi if tongue == "hi" else one.en for one, tongue in zip(readings, tongues, strict=True)
    )
    return sum(here) - SWITCH * switches


ACRONYM = _Reading(hi=0.0, en=MOST_ENGLISH, devanagari="")


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isascii() and word.isupper()


def _read(
    word: str, lexicon: HindiLexicon, english: Callable[[str], float], more: float
) -> _Reading:
    if DEVANAGARI_WORD.fullmatch(word):
        return _Reading(hi=MOST_ENGLISH, en=0.0, devanagari=word)
    best = next(iter(lexicon.find(word, ROMAN, MOST_COST)), None)
    known = english(word.lower().replace("’", "'"))
    is_english = known >= LEAST_ENGLISH and word.islower()
    return _Reading(
        hi=max(best.score if best else 0.0, UNKNOWN["hi"]),
        en=min(max(known, UNKNOWN["en"]), MOST_ENGLISH) + (more if is_english else 0.0),
        devanagari=best.word if best else "",
    )


def _most_probable(readings: Sequence[_Reading]) -> list[Tongue]:
    """Return the most probable languages of all words together."""
    paths: dict[Tongue, tuple[float, list[Tongue]]] = {tongue: (0.0, []) for tongue in TONGUES}
    for reading in readings:
        here = {"hi": reading.hi, "en": reading.en}
        grown: dict[Tongue, tuple[float, list[Tongue]]] = {}
        for tongue in TONGUES:
            score, path = max(
                (
                    (total - (SWITCH if path and path[-1] != tongue else 0.0), path)
                    for total, path in paths.values()
                ),
                key=lambda one: one[0],
            )
            grown[tongue] = (score + here[tongue], [*path, tongue])
        paths = grown
    return max(paths.values(), key=lambda one: one[0])[1]
