#!/usr/bin/env python3
"""
English sounds: the English words that a word in Devanagari may be, as Hindi writes what it hears.

Hindi writes an English t and d with the tongue curled back (ट ड) and its th as थ or द; its own
त, its breathed consonants and its flaps never stand for an English sound. The letters that may
spell each sound are walked through a tree of English words.

Usage:
    from shared.transcript.writing.english_sounds import EnglishSpellings

    EnglishSpellings({"station": 5.0, "stations": 4.5}).find("स्टेशन")[0].word     # 'station'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import regex

from shared.transcript.writing.hindi_letters import FLAPS, LIPS, NASALS, NUKTA, VIRAMA
from shared.transcript.writing.hindi_sounds import plain_word

# What a spelling of a sound costs in powers of ten of a probability: usual, less usual, rare.
USUAL, SELDOM, RARE = 0.0, 0.5, 1.0
# A word is believed up to this cost of its spelling.
MOST_COST = 1.2
# Against how frequent a word is.
WEIGHT = 2.0
# Above this, words are frequent as grammar, which is seldom borrowed.
GRAMMAR = 5.3
# ə is the vowel that Devanagari does not write between two consonants.
UNWRITTEN = "ə"
CONSONANTS: dict[str, tuple[str, ...]] = {
    "क": ("c k ck q cc", "ch qu lk", "kh cqu"),
    "ख": ("", "", "kh"),
    "ग": ("g gg", "gu x", "gh"),
    "च": ("ch tch", "t c", "cz"),
    "छ": ("", "ch", ""),
    "ज": ("j g dg z", "s dge ge zz ss gg", "d di"),
    "झ": ("", "", "s"),
    "ट": ("t tt", "ed pt bt th", "d"),
    "ठ": ("", "", "th t"),
    "ड": ("d dd", "ed ld", ""),
    "थ": ("th", "", ""),
    "द": ("th", "", ""),
    "न": ("n nn kn", "gn pn", "mn"),
    "प": ("p pp", "", ""),
    "फ": ("f ff ph", "gh", "v"),
    "ब": ("b bb", "", ""),
    "म": ("m mm", "mb mn lm", ""),
    "य": ("y", "i", "e"),
    "र": ("r rr wr", "rh", ""),
    "ल": ("l ll", "el le", ""),
    "व": ("v w wh", "u", "f o"),
    "श": ("sh ti", "çi ssi ch s si", "sch çe ç x ss xi"),
    "ष": ("", "", "sh ti"),
    "स": ("s ç ss", "sç ps", "st z"),
    "ह": ("h", "wh", ""),
}
VOWELS: dict[str, tuple[str, ...]] = {
    "ə": ("u o a e", "ou i ea", "io y ai"),
    "अ": ("u o a e", "ou", "i"),
    "आ": ("a", "o au aa er u", "e ea ah"),
    "इ": ("i y", "e a u ui", "ie o ee ea ai"),
    "ई": ("ee ea e i y ie ey", "ei", "oe ay ae"),
    "उ": ("u oo", "ou o", "ew"),
    "ऊ": ("oo u ou", "ew ue ui o", "wo eu ough"),
    "ए": ("a e ai ay", "ea ei ey ie", "eigh ae"),
    "ऐ": ("a", "e ai", "i"),
    "ऍ": ("a", "e", "ai"),
    "ओ": ("o oa ow", "oe ou au", "a ough aw eau ew"),
    "औ": ("o ou ow au", "aw", ""),
    "ऑ": ("o au aw al", "a ou ough", "augh oa ow"),
}
# Several signs that stand for one English sound or letter.
GROUPS: dict[str, tuple[str, ...]] = {
    "कस": ("x cç", "", "xç"),
    "गज": ("x", "", ""),
    "गəज": ("", "x", ""),
    "आइ": ("i y", "ie igh", "ai ei eye uy"),
    "आई": ("i y igh", "ie ei", "eye uy"),
    "आय": ("i y", "ie", "igh"),
    "आउ": ("ou ow", "", ""),
    "आऊ": ("ou ow", "", ""),
    "आव": ("ow ou", "", ""),
    "यऊ": ("u ew", "eu ue ui", "eau iew you"),
    "यउ": ("u", "eu you", ""),
    "यओ": ("", "io eo", ""),
    "इयओ": ("io eo", "", ""),
    "यअ": ("", "io u", ""),
    "यə": ("", "ia io u", "ie ea"),
    "इयə": ("ia", "io ie iu ea ear", "eer eo"),
    "इय": ("ia ie", "io ea", ""),
    "इआ": ("ia", "ea", ""),
    "इयआ": ("ia", "ea", "io"),
    "एयə": ("air are", "ear", ""),
    "एअ": ("air are", "ai", ""),
    "ऐय": ("ai", "", ""),
    "ऑय": ("oi oy", "", ""),
    "ऑइ": ("oi oy", "", ""),
    "वआ": ("ua wa", "oi", ""),
    "शəन": ("tion sion ssion", "çean çian tian shion", ""),
    "जəन": ("sion", "gion", ""),
    "चəर": ("ture cher", "", ""),
    "बəल": ("ble", "", ""),
    "टəल": ("tle ttle", "", ""),
    "डəल": ("dle ddle", "", ""),
    "पəल": ("ple", "", ""),
    "कəल": ("cle", "", ""),
    "गəल": ("gle", "", ""),
    "इजəम": ("ism", "", ""),
    "वअ": ("o wo", "", ""),
    "वəन": ("one", "", ""),
    "ऑल": ("all al oll ol", "aul awl", ""),
    "वऑ": ("wa wo wha", "", ""),
    "əर": ("er ir ur ar re our", "or ure ear", ""),
    "आर": ("ar er", "our", "ear"),
    "ओर": ("or ore our oor oar", "ar", ""),
    "यओर": ("ure", "", ""),
    "वəर": ("ver", "", ""),
    "नग": ("ng", "", "ngue"),
    "नक": ("nk", "nqu", ""),
}
# Letters that are not heard: an e after a consonant, most often the last; an r after a vowel.
LAST_E, SILENT = 0.2, {"e": SELDOM, "gh": SELDOM, "r": RARE}
LATIN_VOWELS = frozenset("aeiouy")
# In the tree, a c that sounds as s is another letter.
SOFT_C = regex.compile(r"c(?=[eiy])")
LONGEST_GROUP = 4
# Signs that say one vowel, standing alone or after a consonant.
VOWEL_LETTERS = dict(zip("अआइईउऊएऐओऔऑऍऎऒॲ", "अआइईउऊएऐओऔऑऍएओऍ", strict=True))
VOWEL_SIGNS = dict(zip("ािीुूेैोौॉॅॆॊ", "आइईउऊएऐओऔऑऍएओ", strict=True))


def _table() -> dict[str, list[tuple[str, float]]]:
    """Return for each sound, or several, the letters that spell it with what each costs."""
    return {
        sounds: [
            (letters, cost)
            for spelt, cost in zip(row, (USUAL, SELDOM, RARE), strict=True)
            for letters in spelt.split()
        ]
        for sounds, row in (CONSONANTS | VOWELS | GROUPS).items()
    }


LETTERS = _table()


@dataclass(frozen=True)
class EnglishWord:
    """An English word that a word in Devanagari may be.

    `zipf`: how frequent it is in English. `cost`: what its spelling costs, as in hindi_sounds.
    """

    word: str
    zipf: float
    cost: float


@dataclass
class _Node:
    """A place in the tree of words."""

    letter: str = ""
    following: dict[str, _Node] = field(default_factory=dict)
    word: str = ""

    def after(self, letters: str) -> _Node | None:
        """Return the place some letters on, None where no word goes on so."""
        node: _Node | None = self
        for letter in letters:
            node = node.following.get(letter) if node else None
        return node


class EnglishSpellings:
    """English words by how Hindi writes them.

    Args:
        frequencies: English words in lower case with their Zipf frequencies.
    """

    def __init__(self, frequencies: Mapping[str, float]) -> None:
        self._frequencies = {word: zipf for word, zipf in frequencies.items() if word.isalpha()}
        self._tree = _Node()
        for word in self._frequencies:
            node = self._tree
            for letter in SOFT_C.sub("ç", word):
                node = node.following.setdefault(letter, _Node(letter))
            node.word = word

    def find(
        self,
        devanagari: str,
        most_cost: float = MOST_COST,
        silent: Mapping[str, float] = SILENT,
    ) -> list[EnglishWord]:
        """Return the English words that a word may be, the likeliest first.

        Args:
            devanagari: One word.
            most_cost: A word is believed up to this cost of its spelling.
            silent: Letters that may be unheard, with what each costs.
        """
        sounds = english_sounds(devanagari)
        if not sounds:
            return []
        found: dict[str, float] = {}
        seen: dict[tuple[int, int], float] = {}
        todo = [(0, self._tree, USUAL)]
        while todo:
            place, node, cost = todo.pop()
            known = seen.get((place, id(node)))
            if cost > most_cost or (known is not None and known <= cost):
                continue
            seen[place, id(node)] = cost
            if place == len(sounds) and node.word:
                found[node.word] = min(cost, found.get(node.word, cost))
            todo.extend(
                (there, after, cost + more)
                for there, after, more in _steps(sounds, place, node, silent)
            )
        words = [EnglishWord(one, self._frequencies[one], cost) for one, cost in found.items()]
        return sorted(words, key=lambda one: (WEIGHT * one.cost - min(one.zipf, GRAMMAR), one.word))


def _steps(
    sounds: str, place: int, node: _Node, silent: Mapping[str, float]
) -> Iterator[tuple[int, _Node, float]]:
    """Yield where the next letters lead: the sound reached, the place in the tree, their cost."""
    for letters, cost in silent.items():
        after = node.after(letters)
        if after and (node.letter in LATIN_VOWELS) == (letters != "e"):
            yield place, after, LAST_E if letters == "e" and after.word else cost
    if sounds[place : place + 1] == UNWRITTEN:
        yield place + 1, node, USUAL
    for length in range(1, min(LONGEST_GROUP, len(sounds) - place) + 1):
        for letters, cost in LETTERS.get(sounds[place : place + length], ()):
            after = node.after(letters)
            if after:
                yield place + length, after, cost


def english_sounds(devanagari: str) -> str:
    """Return the sounds of a word, one sign each; "" if some sound is not English.

    Args:
        devanagari: One word.
    """
    word = unicodedata.normalize("NFD", plain_word(devanagari))
    if any(flap in word for flap in FLAPS):
        return ""
    word = word.replace(NUKTA, "")
    sounds: list[str] = []
    for place, char in enumerate(word):
        following = word[place + 1 : place + 2]
        if char in CONSONANTS:
            sounds.append(char)
            if following and following not in VOWEL_SIGNS and following != VIRAMA:
                sounds.append(UNWRITTEN)
        elif char in NASALS:
            sounds.append("म" if following and following in LIPS else "न")
        elif char in VOWEL_SIGNS or char in VOWEL_LETTERS:
            sounds.append(VOWEL_SIGNS.get(char) or VOWEL_LETTERS[char])
        elif char != VIRAMA:
            return ""
    return "".join(sounds)
