#!/usr/bin/env python3
"""
Hindi sounds: Hindi words found by how they sound, in Roman or Urdu letters.

People write Hindi in Roman letters as they please (nahi, nahin, nhi), and Urdu letters leave short
vowels out. Both keep the consonants in order: words are looked up by their consonants and chosen by
frequency and by how near their vowels are.

Usage:
    from shared.transcript.writing.hindi_sounds import HindiLexicon

    lexicon = HindiLexicon({"बहुत": 6.1, "भूत": 4.0})       # Zipf frequencies
    lexicon.find("bohot", ROMAN)[0].word                    # 'बहुत'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import regex

from shared.transcript.writing.hindi_letters import (
    NASALS,
    ROMAN_LETTERS,
    URDU_LETTERS,
    devanagari_sounds,
)

Writing = Literal["roman", "urdu"]
ROMAN: Writing = "roman"
URDU: Writing = "urdu"

# What a difference of spelling costs, in powers of ten of its probability.
VOWEL_CHANGED, VOWEL_LEFT_OUT, BREATH = 1.5, 1.9, 1.0
FINAL_LEFT_OUT, DOUBLED = 1.0, 0.6
NEAR_VOWELS = 0.6
NEVER = 9.0
# A word is believed up to this cost of its spelling.
MOST_COST = 2.0
# A word that is so much rarer than the same with a final nasal is a mistake for it.
LOST_NASAL = 0.5
# ə is the vowel that Devanagari does not write; Urdu and hurried typists leave it out.
VOWELS = frozenset("əaAiIuUeEoO")
# Of consonants, a breath (H), a doubled one (2), the silent he that ends Urdu words (Q), and what
# may sound like a vowel.
SOFT = VOWELS | frozenset("H2Qywv")
SILENT_HE, UNWRITTEN = 0.2, 0.1
LOST = {"ə": UNWRITTEN, "H": BREATH, "2": DOUBLED, "Q": SILENT_HE}
LOST |= dict.fromkeys("hn", FINAL_LEFT_OUT)
CHANGEABLE = SOFT - frozenset("H2")
# At the end of a word a nasal is often not written, and an h not spoken.
FAINT = "hn"
SAME = {frozenset("əa"), frozenset("aA")}
NEAR = {frozenset(pair) for pair in ("əA", "iI", "uU", "ie", "Ie", "uo", "Uo")}
NEAR |= {
    frozenset(pair) for pair in ("oO", "aE", "əE", "əe", "əo", "iy", "Iy", "ey", "Ey", "vw", "uO")
}
# Letters that more than one sound is written with.
ROMAN_FOLDS = str.maketrans({"I": "i", "U": "u", "E": "ai", "O": "au"})
URDU_FOLDS = str.maketrans(dict.fromkeys("IeE", "y") | dict.fromkeys("UoOv", "w"))
# Only at the end does Urdu tell these apart: chhoti ye is long i, bari ye is e.
URDU_ENDS = {"I": "I", "e": "e", "E": "e"}
# Urdu spelling leaves short vowels out and nothing else: a difference counts more than in Roman.
WEIGHTS: dict[Writing, float] = {ROMAN: 1.0, URDU: 1.8}
# Urdu has a letter for the breath: where it stands it was heard.
WRITTEN_BREATH = 2.0
DOUBLE = regex.compile(r"([b-df-hj-np-tv-zCS])H?\1")
UNWRITTEN_IN_URDU = regex.compile(r"(?<!^)[əiu]|2")


@dataclass(frozen=True)
class Candidate:
    """A Hindi word that another spelling may stand for.

    `score`: its Zipf frequency, less what the difference of spelling costs.
    """

    word: str
    score: float
    cost: float


class HindiLexicon:
    """Hindi words by their sounds.

    Args:
        frequencies: Devanagari words with their Zipf frequencies (powers of ten in a thousand
            million words).
    """

    def __init__(self, frequencies: Mapping[str, float]) -> None:
        self._frequencies: dict[str, float] = {}
        self._index: dict[Writing, dict[str, list[tuple[str, str]]]] = {ROMAN: {}, URDU: {}}
        self._found: dict[tuple[str, Writing, float], list[Candidate]] = {}
        for word, zipf in frequencies.items():
            plain = plain_word(word)
            if zipf > self._frequencies.get(plain, 0.0):
                self._frequencies[plain] = zipf
        for word in self._without_lost_nasals():
            for sounds in devanagari_sounds(word):
                roman = _marked_doubles(sounds.translate(ROMAN_FOLDS))
                # ढ़ is r with a breath in Urdu (ڑھ), never r and h.
                urdu = _marked_doubles(_as_urdu(sounds.replace("rh", "rH"))).replace("2", "")
                self._index[ROMAN].setdefault(_skeleton(roman), []).append((word, roman))
                self._index[URDU].setdefault(_skeleton(urdu), []).append((word, urdu))

    def _without_lost_nasals(self) -> list[str]:
        """Return the words less those that are mistakes for one with a nasal: नही for नहीं."""
        known = self._frequencies
        return [
            word
            for word, zipf in known.items()
            if max(known.get(word + nasal, 0.0) for nasal in NASALS) < zipf + LOST_NASAL
        ]

    def frequency(self, word: str) -> float:
        """Return the Zipf frequency of a Devanagari word, 0.0 for an unknown one.

        Args:
            word: In Devanagari, without punctuation.
        """
        return self._frequencies.get(plain_word(word), 0.0)

    def find(
        self, spelling: str, writing: Writing, most_cost: float = MOST_COST
    ) -> list[Candidate]:
        """Return the words that a spelling may stand for, the best first.

        Args:
            spelling: A word in Roman or in Urdu letters.
            writing: Which of them.
            most_cost: A word is believed up to this cost of its spelling.
        """
        asked = (spelling, writing, most_cost)
        if asked not in self._found:
            self._found[asked] = self._search(*asked)
        return self._found[asked]

    def _search(self, spelling: str, writing: Writing, most_cost: float) -> list[Candidate]:
        sounds = roman_sounds(spelling) if writing == ROMAN else urdu_sounds(spelling)
        found: dict[str, Candidate] = {}
        for word, other in self._index[writing].get(_skeleton(sounds), ()):
            cost = WEIGHTS[writing] * spelling_cost(sounds, other)
            if writing == URDU:
                cost += WRITTEN_BREATH * max(0, sounds.count("H") - other.count("H"))
            if cost <= most_cost and (word not in found or cost < found[word].cost):
                found[word] = Candidate(word, self._frequencies[word] - cost, cost)
        return sorted(found.values(), key=lambda one: -one.score)


def plain_word(word: str) -> str:
    """Return a Devanagari word in one spelling: composed, without joiners.

    Args:
        word: One word.
    """
    return unicodedata.normalize("NFC", word).replace("\u200c", "").replace("\u200d", "")


def roman_sounds(word: str) -> str:
    """Return the sounds of a word in Roman letters.

    Args:
        word: ASCII letters; others are left out.
    """
    text = word.lower()
    for letters, sound in ROMAN_LETTERS:
        text = text.replace(letters, sound)
    return _marked_doubles("".join(char for char in text if char.isascii() and char.isalpha()))


def urdu_sounds(word: str) -> str:
    """Return the sounds of a word in Urdu letters, as far as they are written.

    Args:
        word: Letters that are not Urdu are left out.
    """
    sounds = "".join(URDU_LETTERS.get(char, "") for char in word)
    sounds = _marked_doubles(sounds).replace("2", "")
    ended = regex.sub("h$", "Q", regex.sub("y$", "I", sounds[1:]))
    return sounds[:1] + str(regex.sub("e(?!$)", "y", ended))


def spelling_cost(one: str, other: str) -> float:
    """Return what it costs to take one spelling for another, at least NEVER if it is none.

    Args:
        one: Sounds.
        other: Sounds.
    """
    row = [0.0]
    for sound in other:
        row.append(row[-1] + _lost(sound))
    for mine in one:
        before, row = row, [row[0] + _lost(mine)]
        for place, theirs in enumerate(other, 1):
            row.append(
                min(
                    before[place] + _lost(mine),
                    row[-1] + _lost(theirs),
                    before[place - 1] + _changed(mine, theirs),
                )
            )
    return row[-1]


def _lost(sound: str) -> float:
    return LOST.get(sound, VOWEL_LEFT_OUT if sound in SOFT else NEVER)


def _changed(one: str, other: str) -> float:
    pair = frozenset((one, other))
    if one == other or pair in SAME:
        return 0.0
    if "Q" in pair and pair & set("Ah"):
        return SILENT_HE
    if pair in NEAR:
        return NEAR_VOWELS
    return VOWEL_CHANGED if pair <= CHANGEABLE else NEVER


def _skeleton(sounds: str) -> str:
    """Return the consonants that no spelling leaves out."""
    return "".join(sound for sound in sounds if sound not in SOFT).rstrip(FAINT)


def _as_urdu(sounds: str) -> str:
    """Return how Urdu writes Hindi sounds: no short vowels but at the beginning, as alif."""
    first = "A" + sounds[1:] if sounds[:1] in set("aiu") else sounds
    if sounds[:1] in set("IeEUoO"):
        first = "A" + sounds
    written = str(UNWRITTEN_IN_URDU.sub("", first))
    return written[:-1].translate(URDU_FOLDS) + _urdu_end(written[-1:])


def _urdu_end(sound: str) -> str:
    return URDU_ENDS.get(sound, sound.translate(URDU_FOLDS))


def _marked_doubles(sounds: str) -> str:
    """Return the sounds with the second of two equal consonants as 2: ll is l2, chch is C2H."""
    return str(DOUBLE.sub(r"\g<1>2", regex.sub(r"H+", "H", sounds)))
