#!/usr/bin/env python3
"""
Matching: where the terms of a glossary stand in a text, as listed or nearly so.

Usage:
    from shared.glossary.matching import Matcher

    matcher = Matcher(terms.terms)
    for found in matcher.listed("Gabbar ne kaha"): ...
    for found in matcher.near("Gaber ne kaha", least=0.8): ...
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from shared.glossary.records import Wording
from shared.glossary.sounds import likeness, romanised, same_vowels, skeleton
from shared.transcript.languages.alphabets import UNSPACED
from shared.transcript.languages.sentence_points import is_inner_point

JOINERS = "\u200c\u200d"
# Each letter of a script without spaces counts as a word.
TOKEN = regex.compile(
    rf"[{UNSPACED}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}{JOINERS}]--[{UNSPACED}]]+", regex.V1
)
SENTENCE_START = regex.compile(r"(?:^|[.!?…।]\s)[\s\"'“‘«¿¡(–-]*$")
GOES_ON = regex.compile(r"\s+\p{L}")
DIGITS = regex.compile("[0-9]+")
OTHER_DIGIT = regex.compile(r"[\p{Nd}--[0-9]]", regex.V1)
# Shorter words have too many others beside them.
SHORTEST_GUESS = 4
# Only what the glossary lists is certain.
SUREST_GUESS = 0.99


@dataclass(frozen=True)
class Token:
    """A word of a text: from where to where, and folded for comparison."""

    start: int
    end: int
    folded: str


@dataclass(frozen=True)
class Found:
    """A term in a text: characters start to end, which term, and how sure that it is meant."""

    start: int
    end: int
    term: int
    confidence: float = 1.0


def fold(text: str) -> str:
    """Return text without differences of case, form, kind of digits and invisible joiners.

    Args:
        text: In any script; it is brought to NFKC on the way.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        folded = OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), folded)
    return " ".join(folded.translate(dict.fromkeys(map(ord, JOINERS))).split())


def tokens_of(text: str) -> list[Token]:
    """Return the words of a text.

    Args:
        text: A line or a term, in any script.
    """
    return [Token(m.start(), m.end(), fold(m.group())) for m in TOKEN.finditer(text)]


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded, without the signs around them.

    Args:
        text: A line or a term, in any script.
    """
    return tuple(one.folded for one in tokens_of(text))


def fitted(written: str, heard: str) -> str:
    """Return a term as it is to be written in the place of a word: with its capital, if any.

    Args:
        written: The term in its preferred form.
        heard: The word whose place it takes; a capital at its beginning is carried over.
    """
    if written[:1].islower() and heard[:1].isupper():
        return written[:1].upper() + written[1:]
    return written


def is_shouted(text: str) -> bool:
    """Return whether a line is written in capitals throughout, which says nothing of its names.

    Args:
        text: A line; one word alone may be an abbreviation.
    """
    return text.isupper() and len(tokens_of(text)) > 1


def trimmed(written: str, before: str, after: str) -> str:
    """Return a term without the signs at its ends (Jr., Vande!) that stand around it already.

    Args:
        written: The term in its preferred form.
        before: What stands in front of its place in the line.
        after: What stands behind it.
    """
    words = tokens_of(written)
    head, tail = (written[: words[0].start], written[words[-1].end :]) if words else ("", "")
    if head and before.endswith(head):
        written = written.removeprefix(head)
    return written.removesuffix(tail) if tail and after.startswith(tail) else written


def in_place(written: str, text: str, start: int, end: int) -> str:
    """Return a term as it is to be written in a text for the characters start to end.

    Args:
        written: The term in its preferred form.
        text: The line it goes into.
        start: First character that it replaces, from 0.
        end: The character behind the last one.
    """
    made = fitted(trimmed(written, text[:start], text[end:]), text[start:end])
    return made.upper() if is_shouted(text) else made


def script_name(text: str) -> str:
    """Return the script of the first letter, as Unicode names it (LATIN, DEVANAGARI).

    Args:
        text: A word; marks and digits in front of its first letter are passed over.
    """
    first = next((char for char in text if char.isalpha()), " ")
    return unicodedata.name(first, "").partition(" ")[0]


class Matcher:
    """Finds terms; where two claim the same words, the longer one wins, then the first.

    Args:
        terms: The most trusted first.
    """

    def __init__(self, terms: Sequence[Wording]) -> None:
        self._terms = terms
        self._listed: dict[tuple[str, ...], int] = {}
        self._with_signs: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        self._common = [frozenset(map(fold, term.common)) for term in terms]
        self._by_sound: dict[str, list[tuple[int, str]]] = {}
        self._near: dict[str, list[tuple[float, int]]] = {}
        for index, term in enumerate(terms):
            for spelling in (term.written, *term.spellings):
                tokens = tokens_of(spelling)
                words = tuple(one.folded for one in tokens)
                if words:
                    self._listed.setdefault(words, index)
                    self._with_signs.add((words, _signs(tokens, spelling)))
            if len(romanised(term.written)) >= SHORTEST_GUESS:
                self._by_sound.setdefault(skeleton(term.written)[:1], []).append(
                    (index, term.written)
                )
        self._longest = max((len(words) for words in self._listed), default=0)

    def listed(self, text: str, awaited: bool = False) -> list[Found]:
        """Return where terms stand as the glossary lists them, in order, never overlapping.

        A name that is also a common word (Rose) counts only where it has its capital.

        Args:
            text: A line.
            awaited: The terms are known to be due, so that any capital is enough.
        """
        tokens = tokens_of(text)
        found: list[Found] = []
        place = 0
        while place < len(tokens):
            step = 1
            for length in range(min(self._longest, len(tokens) - place), 0, -1):
                span = tokens[place : place + length]
                words = tuple(one.folded for one in span)
                index = self._listed.get(words)
                start, end = span[0].start, span[-1].end
                if index is None or not self._is_one(words, _signs(span, text)):
                    continue
                if self._is_meant(index, text, start, end, awaited):
                    found.append(Found(start, end, index))
                    step = length
                    break
            place += step
        return found

    def near(self, text: str, least: float) -> list[Found]:
        """Return where something stands that is nearly a term, off the listed ones, in order.

        Args:
            text: A line.
            least: Likeness from which on it counts.
        """
        taken = {place for one in self.listed(text) for place in range(one.start, one.end)}
        tokens = [one for one in tokens_of(text) if one.start not in taken]
        guesses = [
            Found(span[0].start, span[-1].end, index, confidence)
            for span in _spans(tokens, text, self._longest + 1)
            for confidence, index in self._guess(span)
            if confidence >= least
        ]
        chosen: list[Found] = []
        for guess in sorted(guesses, key=lambda one: (-one.confidence, one.start - one.end)):
            if all(guess.end <= other.start or guess.start >= other.end for other in chosen):
                chosen.append(guess)
        return sorted(chosen, key=lambda one: one.start)

    def _is_one(self, words: tuple[str, ...], signs: tuple[str, ...]) -> bool:
        """Return whether words belong together: by spaces and hyphens, or as they are listed."""
        return not any(signs) or (words, signs) in self._with_signs

    def _is_meant(self, index: int, text: str, start: int, end: int, awaited: bool) -> bool:
        """Return whether a listed spelling is the term and not a common word that looks so.

        Where a sentence begins any word has a capital: there a name stands by itself (Will, wait!)
        or is not known to be one (Will you wait?).
        """
        if not self._terms[index].written[:1].isupper():
            return True
        words = tokens_of(text[start:end])
        if not self._is_common(index, words):
            return True
        if is_shouted(text) and not awaited:
            return False
        begins = not awaited and len(words) == 1 and begins_sentence(text[:start])
        return not text[start].islower() and not (begins and GOES_ON.match(text, end))

    def _guess(self, span: Sequence[Token]) -> list[tuple[float, int]]:
        """Return the one term that some words are nearly, with the likeness; none when unclear."""
        text = " ".join(one.folded for one in span)
        if text not in self._near:
            scored = [
                (min(SUREST_GUESS, likeness(written, text)), index, same_vowels(written, text))
                for index, written in self._by_sound.get(skeleton(text)[:1], ())
                if not self._is_common(index, span) and _fits(written, span)
            ]
            scored = scored if len(romanised(text)) >= SHORTEST_GUESS else []
            scored.sort(key=lambda one: -one[0])
            unclear = len(scored) > 1 and scored[0][0] == scored[1][0]
            likely = [] if unclear else [one[:2] for one in scored if one[2]]
            self._near[text] = likely[:1]
        return self._near[text]

    def _is_common(self, index: int, span: Sequence[Token]) -> bool:
        """Return whether words that look like a term are common ones, each by itself."""
        common = self._common[index]
        return bool(common) and all(one.folded in common for one in span)


def begins_sentence(before: str) -> bool:
    """Return whether a sentence begins behind a text; none does behind "Dr.".

    Args:
        before: The line in front of a word.
    """
    last = before.split()[-1:]
    is_title = bool(last) and last[0].endswith(".") and is_inner_point(last[0], "Name", "en")
    return bool(SENTENCE_START.search(before)) and not is_title


def _fits(written: str, span: Sequence[Token]) -> bool:
    """Return whether some words may be a misspelling of a term.

    They must be in its script, and as many; if they are cut otherwise, their letters must be its.
    Another number is another name.
    """
    if script_name(written) != script_name(span[0].folded):
        return False
    heard = " ".join(one.folded for one in span)
    if DIGITS.findall(fold(written)) != DIGITS.findall(heard):
        return False
    if len(tokens_of(written)) == len(span):
        return True
    letters = "".join(one.folded for one in tokens_of(written))
    return letters == "".join(one.folded for one in span)


def _signs(span: Sequence[Token], text: str) -> tuple[str, ...]:
    """Return what stands between some words but spaces and hyphens (Mr. Rao, D'Souza)."""
    between = (text[one.end : other.start] for one, other in zip(span, span[1:], strict=False))
    return tuple(signs.strip(" -\u2010\u2011").replace("\u2019", "'") for signs in between)


def _spans(tokens: Sequence[Token], text: str, longest: int) -> Iterator[Sequence[Token]]:
    """Yield the runs of words that belong together."""
    for first in range(len(tokens)):
        for last in range(first, min(first + longest, len(tokens))):
            if any(_signs(tokens[first : last + 1], text)):
                break
            yield tokens[first : last + 1]
