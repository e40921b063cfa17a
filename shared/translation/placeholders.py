#!/usr/bin/env python3
"""
Placeholders: the terms of a line kept through an engine that would translate or change them.

Each engine has its own forms, tried in turn: codes in the place of terms (which IndicTrans2's own
processor keeps when they begin with #), the wanted word itself in the source line, or the wanted
words beside the line for a language model. What comes back must hold every term exactly once in
its place, in whatever case, spacing or digits; otherwise the line is asked again in the next form,
and at last as it is, with near-misses put right and what is missing reported.

Usage:
    from shared.translation.placeholders import TermKeeper, forms_of

    keeper = TermKeeper(terms, least=0.8)
    sent = keeper.hide(lines, "code")
    text, objection = keeper.restore(line, answer, sent)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import regex

from shared.core.languages import primary
from shared.glossary.matching import (
    SENTENCE_START,
    Found,
    Matcher,
    fitted,
    fold,
    script_name,
    trimmed,
    words_of,
)
from shared.glossary.records import TranslationTerms, Wording
from shared.glossary.wanted import WantedTerms
from shared.transcript.languages.alphabets import UNSPACED_LETTER
from shared.transcript.records.schemas import Correction
from shared.translation.backend import SourceLine

Form = Literal["code", "entity", "inline", "prompt", "none"]
# Tried one after another, before the line goes as it is. Whisper hears; it reads no text.
FORMS: dict[str, tuple[Form, ...]] = {
    "whisper": (),
    "llm": ("prompt", "prompt"),
    "indictrans2": ("entity", "inline"),
    "nllb": ("code", "inline"),
}
USUAL_FORMS: tuple[Form, ...] = ("code", "inline")
# Written like a product's number, which engines copy; as they may hand it back, and its remains.
CODE = regex.compile(
    r"(?<![\p{L}\p{N}])(?:#\s?)?z\s?x\s?[-_.]?\s?(\d{1,9})\s?[-_.]?\s?q(?![a-z0-9])",
    regex.IGNORECASE,
)
REMAINS = regex.compile(
    r"z\s?x\s?[-_.]?\s?\d|(?<!\p{L})z\s?x(?!\p{L})|\d\s?q(?![\p{L}\p{N}])", regex.IGNORECASE
)
LEFTOVER = "what is left of a placeholder"


@dataclass(frozen=True)
class Sent:
    """A batch as it goes to the engine.

    `codes`: which term each code in a line stands for, by line. `told`: lines, as they were, whose
    terms the engine reads or is told as words, so that one may get into another line.
    """

    form: Form
    lines: list[SourceLine]
    codes: dict[int, dict[int, int]] = field(default_factory=dict)
    told: list[SourceLine] = field(default_factory=list)


@dataclass(frozen=True)
class Restored:
    """A line's translation with its terms.

    `objection`: why the line is to be asked again. `remark`: what a reader should know.
    `corrections`: terms that the engine wrote otherwise. `usable`: better than no text, all the
    same: only a term is missing or there too often.
    """

    text: str
    objection: str = ""
    remark: str = ""
    corrections: tuple[Correction, ...] = ()
    usable: bool = False


def forms_of(engine: str) -> tuple[Form, ...]:
    """Return the forms in which terms go to an engine, tried in turn.

    Args:
        engine: Its name.
    """
    return FORMS.get(engine, USUAL_FORMS)


class TermKeeper:
    """Keeps the terms of one language pair.

    Args:
        terms: How the terms are spoken and how they are to be translated.
        least: Confidence from which on a near-miss counts.
    """

    def __init__(self, terms: TranslationTerms, least: float) -> None:
        self._spoken = Matcher([term.spoken for term in terms.terms])
        self._targets = [term.target for term in terms.terms]
        self._about = [term.about for term in terms.terms]
        self._hinted = Matcher([hint.spoken for hint in terms.hints])
        self._hints = [hint.about for hint in terms.hints]
        self._written = WantedTerms(self._targets)
        self._everyday = {one.written for one in self._targets if _is_everyday(one)}
        self._guarded = primary(terms.language) in {primary(tag) for tag in terms.guarded}
        self._least = least
        self._found: dict[str, list[Found]] = {}

    def has_terms(self, line: SourceLine) -> bool:
        """Return whether a term stands in a line.

        Args:
            line: A line of the source.
        """
        return bool(self._in(line))

    def hide(self, batch: Sequence[SourceLine], form: Form) -> Sent:
        """Return a batch as it is to be sent.

        Args:
            batch: Lines; those without terms go as they are.
            form: How terms go.
        """
        sent = Sent(form, [])
        number = 0
        for line in batch:
            found = self._in(line)
            if form not in ("code", "entity"):
                sent.told.append(line)
            if form == "prompt":
                wanted = {line.text[f.start : f.end]: self._targets[f.term].written for f in found}
                line = replace(line, terms=tuple(wanted.items()), about=self._said(line))
            elif form in ("code", "entity") and found and not _leftover(line.text):
                numbers = range(number + 1, number + len(found) + 1)
                number += len(found)
                sent.codes[line.id] = {n: f.term for n, f in zip(numbers, found, strict=True)}
                mark = "#" if form == "entity" else ""
                codes = [f"{mark}ZX{n}Q" for n in numbers]
                line = replace(line, text=_put(line.text, found, codes))
            elif form != "none" and found:
                words = [
                    trimmed(self._targets[f.term].written, line.text[: f.start], line.text[f.end :])
                    for f in found
                ]
                line = replace(line, text=_put(line.text, found, words))
            sent.lines.append(line)
        return sent

    def restore(self, line: SourceLine, text: str, sent: Sent) -> Restored:
        """Return a line's translation with its terms, and what became of them.

        Sent as it is, a line is refused only for what is left of a placeholder.

        Args:
            line: As it was before hide.
            text: What the engine gave for it.
            sent: What hide returned.
        """
        codes = sent.codes.get(line.id)
        if codes:
            text, objection = self._decode(text, codes)
            if objection:
                return Restored(text, objection)
        elif _leftover(text, bool(sent.codes)) and not _leftover(line.text):
            return Restored(text, LEFTOVER)
        found = self._in(line)
        strange, why = self._strange(found, text, sent)
        if strange and sent.form != "none":
            return Restored(text, strange)
        if not found:
            return Restored(text, remark=why)
        wanted = WantedTerms([self._targets[one.term] for one in found])
        corrections: list[Correction] = []
        if not codes:
            text, corrections = wanted.correct(text, self._least if self._guarded else None)
        difference = wanted.difference(text)
        absent = any(not wanted.counts(text)[written] for written in wanted.due)
        read = not codes and sent.form not in ("prompt", "none")
        if difference and read or absent and sent.form == "prompt":
            return Restored(text, difference, corrections=tuple(corrections), usable=True)
        remark = ", ".join(filter(None, (difference, why)))
        return Restored(text, remark=remark, corrections=tuple(corrections))

    def _said(self, line: SourceLine) -> tuple[tuple[str, str], ...]:
        """Return words of a line and what the glossary says of them."""
        said = {line.text[f.start : f.end]: self._about[f.term] for f in self._in(line)}
        for one in self._hinted.listed(line.text):
            said.setdefault(line.text[one.start : one.end], self._hints[one.term])
        return tuple((word, text) for word, text in said.items() if text)

    def _in(self, line: SourceLine) -> list[Found]:
        if line.text not in self._found:
            self._found[line.text] = self._spoken.listed(line.text)
        return self._found[line.text]

    def _decode(self, text: str, codes: Mapping[int, int]) -> tuple[str, str]:
        """Return the text with words for codes; each code must be there once, and no other."""
        matches = list(CODE.finditer(text))
        numbers = sorted(int(match[1]) for match in matches)
        if numbers != sorted(codes):
            return text, "a placeholder was lost, doubled or taken from another line"
        if _leftover(CODE.sub(" ", text)):
            return text, LEFTOVER
        for match in reversed(matches):
            written = self._targets[codes[int(match[1])]].written
            before, after = text[: match.start()], text[match.end() :]
            written = trimmed(written, before, after)
            if SENTENCE_START.search(before):
                written = fitted(written, "X")
            text = _set_apart(before, written, after)
        return text, ""

    def _strange(self, found: Sequence[Found], text: str, sent: Sent) -> tuple[str, str]:
        """Return what is to be said of terms that were not spoken in a line but stand in its text.

        First of those that other lines of its batch have, then of all. Everyday words (jaan → dear)
        come of themselves.
        """
        own = {self._targets[one.term].written for one in found} | self._everyday
        there = [name for name in self._written.spoken(text) if name not in own]
        others = {self._targets[one.term].written for line in sent.told for one in self._in(line)}
        return _not_spoken([name for name in there if name in others]), _not_spoken(there)


def _is_everyday(wording: Wording) -> bool:
    """Return whether a term is no name but a common word of the language."""
    is_name = wording.written[:1].isupper()
    return not is_name and set(words_of(wording.written)) <= {fold(one) for one in wording.common}


def _not_spoken(names: Sequence[str]) -> str:
    return f"with the term {', '.join(names)}, not spoken here" if names else ""


def _leftover(text: str, any_part: bool = True) -> bool:
    """Return whether a code stands in a text, or any part that may be of one."""
    pattern = REMAINS if any_part else CODE
    return bool(pattern.search(unicodedata.normalize("NFKC", text)))


def _set_apart(before: str, written: str, after: str) -> str:
    """Return a word among what stood around its code; letters of another script are no endings."""
    left = " " if _are_two_words(before[-1:], written[:1]) else ""
    right = " " if _are_two_words(written[-1:], after[:1]) else ""
    return before + left + written + right + after


def _are_two_words(one: str, other: str) -> bool:
    both = bool(one and other) and one.isalpha() and other.isalpha()
    spaced = both and not any(map(UNSPACED_LETTER.match, (one, other)))
    return spaced and script_name(one) != script_name(other)


def _put(text: str, places: Sequence[Found], words: Sequence[str]) -> str:
    """Return a text with words in the place of what was found."""
    for place, word in reversed(list(zip(places, words, strict=True))):
        text = text[: place.start] + word + text[place.end :]
    return text
