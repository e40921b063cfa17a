#!/usr/bin/env python3
"""
Sounds: how alike two spellings are, by sound and by letters, in and across scripts.

Metaphone and its kin know English only; names come in Devanagari, in Roman letters and in whatever
the recogniser chose. Devanagari, Gujarati, Telugu, Arabic and Hebrew are read by the Unicode names
of their letters (DEVANAGARI LETTER GHA sounds "gha", ARABIC LETTER GAF begins with its sound), the
others by anyascii: each the way that found more names of cities (docs/LIBRARIES.md). Then what
spelling leaves open is dropped: vowels, aspiration, doubling, retroflexes. Letters are compared by
edit distance.

Usage:
    from shared.glossary.sounds import likeness, skeleton

    skeleton("Ghabbar") == skeleton("गब्बर") == "gbr"
    likeness("Gabber", "Gabbar")     # 0.92
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein

# Scripts whose letters are named by their sounds, and some whose names only begin with it.
SYLLABIC = frozenset({"DEVANAGARI", "GUJARATI", "TELUGU"})
BY_NAME = SYLLABIC | {"ARABIC", "HEBREW"}
NASAL_SIGNS = ("ANUSVARA", "CANDRABINDU")
# Digraphs and letters that stand for one sound, in this order.
SAME_SOUND = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"ph", "f"),
        (r"([kgtdbj])h", r"\1"),
        (r"tch|chh?", "C"),
        (r"[cs]?sh|ss?", "s"),
        (r"c(?=[eiy])", "s"),
        (r"ck?|q", "k"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"z", "j"),
        (r"(?<=[aeiou])[hy]+", ""),
        (r"(?<=[^aeiou])y", "i"),
        (r"n(?=[pbm])", "m"),
    )
)
NOT_SPOKEN = re.compile("[aeiou]")
DOUBLED = re.compile(r"(.)\1+")
MOST_EDITS = 3
FINAL_Y, SILENT_END = re.compile(r"(?<=[^aeiou])(?:y|ie)$"), re.compile(r"(?<=[^aeiou])e$")
FIRST_VOWELS = {frozenset(("i", "e")), frozenset(("o", "u"))}
# Vowels that one name is spelt with either of; "" is a schwa that is not written.
OPEN_VOWELS = {
    frozenset(pair)
    for pair in (("a", "e"), ("a", "u"), ("a", ""), ("e", ""), ("e", "i"), ("o", "u"))
} | {
    frozenset(pair)
    for pair in (("ai", "e"), ("ei", "e"), ("au", "o"), ("ou", "o"), ("ou", "u"), ("ie", "i"))
}
VOWELS = "aeiou"


@lru_cache(maxsize=1 << 18)
def romanised(text: str) -> str:
    """Return the letters of a text as lower-case Roman ones, nothing else.

    Args:
        text: A word or a few; spaces and signs are dropped.
    """
    return "".join(_romanised_word(word) for word in text.casefold().split())


def _romanised_word(word: str) -> str:
    letters, silent = "", False
    for char in unicodedata.normalize("NFKD", _readable(word)):
        if "a" <= char <= "z":
            letters, silent = letters + char, False
            continue
        script, _, rest = unicodedata.name(char, "").partition(" ")
        sound = rest.rpartition(" ")[2].partition("-")[0].lower()
        if script in SYLLABIC and rest.startswith("LETTER"):
            # The vowel that every such letter has unless a sign follows is not said at the end.
            # TTA is a t to every other spelling; CA is what Roman letters write as "cha".
            letters += re.sub(r"^c", "ch", re.sub(r"^(.)\1", r"\1", sound))
            silent = len(sound) > 1
        elif script in SYLLABIC and rest.endswith(NASAL_SIGNS):
            letters, silent = letters + "n", False
        elif script in SYLLABIC and rest.startswith(("VOWEL SIGN", "SIGN VIRAMA")):
            vowel = sound if rest.startswith("VOWEL") else ""
            letters, silent = letters.removesuffix("a") + vowel, False
        elif rest.startswith("LETTER"):
            letters += (re.match(r"[^aeiou]+", sound) or sound[:1])[0] if sound else ""
    return letters.removesuffix("a") if silent else letters


def _readable(word: str) -> str:
    """Return a word in Roman letters, but for what is read by the names of its letters."""
    if word.isascii():
        return word
    return "".join(map(_read_letter, unicodedata.normalize("NFKC", word)))


@lru_cache(maxsize=1 << 12)
def _read_letter(char: str) -> str:
    by_name = unicodedata.name(char, "").partition(" ")[0] in BY_NAME
    is_letter = unicodedata.category(char)[0] in "LM"
    return anyascii(char).lower() if is_letter and not by_name else char


@lru_cache(maxsize=1 << 18)
def skeleton(text: str) -> str:
    """Return how a text sounds without what spellings differ in: consonants, and a first vowel.

    Args:
        text: A word or a few, in any script.
    """
    sound = romanised(text)
    for pattern, written in SAME_SOUND:
        sound = pattern.sub(written, sound)
    first = "a" if sound and sound[0] in VOWELS else ""
    return first + DOUBLED.sub(r"\1", NOT_SPOKEN.sub("", sound))


def likeness(one: str, other: str) -> float:
    """Return how alike two spellings are, 0 to 1: half by their sound, half by their letters.

    Args:
        one: A spelling.
        other: Another; both may be of several words.

    Returns:
        0.0 where they begin with different sounds, or differ in more than about a third of their
        sounds or letters.
    """
    left, right = romanised(one), romanised(other)
    if left == right:
        return 1.0 if left else 0.0
    sounds = skeleton(one), skeleton(other)
    if sounds[0][:1] != sounds[1][:1]:
        return 0.0
    sound = _share(*sounds)
    letters = _share(plain_letters(left), plain_letters(right)) if sound else 0.0
    return (letters + sound) / 2 if letters else 0.0


@lru_cache(maxsize=1 << 18)
def same_vowels(one: str, other: str) -> bool:
    """Return whether two spellings may be of one name by their vowels; Salim is not Salma.

    What Roman letters leave open is the same: a, e and u of Gabbar, Gabber, Gubber; a schwa that is
    not written; i and e, o and u. A vowel more at the end makes another name (Anand, Anandi).

    Args:
        one: A spelling.
        other: Another; of other consonants, nothing is known.
    """
    left, right = (_vowels_of(text) for text in (one, other))
    if [sound for sound, _ in left] != [sound for sound, _ in right] or not left:
        return True
    if {_ends_open(one), _ends_open(other)} == {True, False}:
        return False
    first, second = left[0][1], right[0][1]
    if first != second and frozenset((first, second)) not in FIRST_VOWELS:
        return False
    pairs = ((mine, theirs) for (_, mine), (_, theirs) in zip(left, right, strict=True))
    return all(
        mine == theirs or frozenset((mine, theirs)) in OPEN_VOWELS
        for mine, theirs in list(pairs)[: None if _ends_open(one) and _ends_open(other) else -1]
    )


def _ends_open(text: str) -> bool | None:
    """Return whether a spelling ends with a vowel (Anandi); None for an e that may be silent."""
    letters = FINAL_Y.sub("i", romanised(text))
    return None if SILENT_END.search(letters) else letters[-1:] in set(VOWELS)


def _vowels_of(text: str) -> list[tuple[str, str]]:
    """Return each consonant, "" in front of the first, with the vowels behind it."""
    sound = plain_letters(romanised(text))
    for pattern, written in SAME_SOUND:
        sound = pattern.sub(written, sound)
    found: list[tuple[str, str]] = [("", "")]
    for letter in DOUBLED.sub(r"\1", sound):
        if letter in VOWELS:
            found[-1] = (found[-1][0], found[-1][1] + letter)
        else:
            found.append((letter, ""))
    return found


@lru_cache(maxsize=1 << 18)
def plain_letters(letters: str) -> str:
    """Return letters with long vowels and doubled letters as short and single ones.

    Args:
        letters: Roman letters in lower case.
    """
    return DOUBLED.sub(r"\1", letters.replace("ee", "i").replace("oo", "u"))


def _share(one: str, other: str) -> float:
    """Return which share of two texts is the same, by edit distance; 0.0 for far ones."""
    longest = max(len(one), len(other))
    if one == other:
        return 1.0
    most = min(MOST_EDITS, max(1, (longest + 1) // 3))
    if not one or not other:
        return 0.0
    edits = Levenshtein.distance(one, other, score_cutoff=most)
    return 1.0 - edits / longest if edits <= most else 0.0
