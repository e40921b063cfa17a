#!/usr/bin/env python3
"""
CTC labels: the characters of a text that an acoustic model listens for, and whose they are.

Every token gets at least one label, so that every token is timed by what is heard: numbers and
symbols are spelt out, foreign scripts romanised where the model reads Latin letters, and where it
cannot read a token a star stands for "some sound".

Usage:
    from scripts.alignment.ctc_labels import label_tokens

    text = label_tokens(tokens_of_text("Room 42"), "en", alphabet)
    text.codes, text.owners      # codes of r o o m | f o r t y …, 0 0 0 0 -1 1 1 1 1 1 …
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from scripts.alignment.verbalise import UNKNOWN, romanise, spoken_form
from shared.transcript.recognition.words import TimedToken

# Of 26; some models leave out rare ones.
MOST_LATIN_LETTERS = 20
NOBODY = -1


@dataclass(frozen=True)
class Alphabet:
    """What a model can hear.

    `codes`: lower-case characters. `blank`: its code for nothing new. `separator`: its code for the
    space between words, None without one. `star`: the code of "some sound", beyond the model's own.
    `romanised`: it reads all languages in Latin letters.
    """

    codes: dict[str, int]
    blank: int
    separator: int | None
    star: int
    romanised: bool = False

    @property
    def is_latin(self) -> bool:
        """Whether it reads Latin letters."""
        known = sum(letter in self.codes for letter in "abcdefghijklmnopqrstuvwxyz")
        return known >= MOST_LATIN_LETTERS


@dataclass(frozen=True)
class LabelledText:
    """`codes` and `owners` (index of the token, NOBODY for a space) of each label.

    `letters`: how many letters are said; `read`: how many of them the model reads.
    """

    codes: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    letters: int = 0
    read: int = 0


def label_tokens(tokens: Sequence[TimedToken], language: str, alphabet: Alphabet) -> LabelledText:
    """Return the labels of a text.

    Args:
        tokens: The text's tokens in order.
        language: BCP-47 primary tag of what is spoken.
        alphabet: What the model can hear.
    """
    text = LabelledText()
    follows_a_word = False
    for index, token in enumerate(tokens):
        text, words = _words(token.text, language, alphabet, text)
        for number, word in enumerate(words):
            if alphabet.separator is not None and follows_a_word and (number or token.spaced):
                text.codes.append(alphabet.separator)
                text.owners.append(index if number else NOBODY)
            text.codes.extend(word)
            text.owners.extend([index] * len(word))
            follows_a_word = True
        if not words:  # punctuation alone, or a picture: between its neighbours, if anywhere
            text.codes.append(alphabet.star)
            text.owners.append(index)
            follows_a_word = False
    return text


def star_tokens(tokens: Sequence[TimedToken], alphabet: Alphabet) -> LabelledText:
    """Return one star for each token: for sound too short for the characters of its text.

    Args:
        tokens: The text's tokens in order.
        alphabet: What the model can hear.
    """
    return LabelledText([alphabet.star] * len(tokens), list(range(len(tokens))))


def _words(
    token: str, language: str, alphabet: Alphabet, text: LabelledText
) -> tuple[LabelledText, list[list[int]]]:
    """Return the text with the token's letters counted, and the labels of each word of it."""
    words: list[list[int]] = []
    letters, read = text.letters, text.read
    for word in spoken_form(token, language).split():
        plain = romanise(word, language) if alphabet.romanised else word
        codes, unread = _spell(plain, alphabet)
        if unread and alphabet.is_latin and not alphabet.romanised:
            codes, unread = _spell(romanise(word, language), alphabet)
        if codes:
            words.append(codes)
            letters += sum(code != alphabet.star for code in codes) + unread
            read += sum(code != alphabet.star for code in codes)
    return replace(text, letters=letters, read=read), words


def _spell(word: str, alphabet: Alphabet) -> tuple[list[int], int]:
    """Return the labels of a word, one star for a run of unreadable letters, and their number."""
    labels: list[int] = []
    unread = 0
    for char in unicodedata.normalize("NFC", word.lower()):
        codes = _read(char, alphabet)
        if codes:
            labels += codes
        elif char == UNKNOWN or unicodedata.category(char)[0] in "LN":
            unread += 1
            if not labels or labels[-1] != alphabet.star:
                labels.append(alphabet.star)
    return labels, unread


def _read(char: str, alphabet: Alphabet) -> list[int]:
    """Return the code of a character, or those of the letters it is made of."""
    if char in alphabet.codes:
        return [alphabet.codes[char]]
    parts = unicodedata.normalize("NFKD", char)
    return [alphabet.codes[part] for part in parts if part in alphabet.codes and part != char]
