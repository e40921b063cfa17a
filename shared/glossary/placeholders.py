#!/usr/bin/env python3
"""
Placeholders: the terms of a line kept through an engine that would translate or change them.

Each engine has its own forms, tried in turn: codes in the place of terms (which IndicTrans2's own
processor keeps when they begin with #), the wanted word itself in the source line, or the wanted
words beside the line for a language model. What comes back must hold every term exactly once in
its place, in whatever case, spacing or digits; otherwise the line is asked again in the next form,
and at last as it is, with near-misses put right and what is missing reported.

Usage:
    from shared.glossary.placeholders import TermKeeper, forms_of

    keeper = TermKeeper(terms, least=0.8)
    sent = keeper.hide(lines, "code")
    text, objection = keeper.restore(line, answer, sent)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import regex

from shared.core.languages import primary
from shared.glossary.adherence import count_written
from shared.glossary.matching import Found, Matcher, fitted
from shared.glossary.records import TranslationTerms
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
    r"(?<![\p{L}\p{N}])(?:#\s?)?z\s?x\s?[-_.]?\s?(\d+)\s?[-_.]?\s?q(?![a-z0-9])", regex.IGNORECASE
)
REMAINS = regex.compile(r"z\s?x\s?[-_.]?\s?\d", regex.IGNORECASE)
SENTENCE_START = regex.compile(r"(?:^|[.!?…।]\s)[\s\"'“‘«¿¡(–-]*$")


@dataclass(frozen=True)
class Sent:
    """A batch as it goes to the engine, and which term each code in a line stands for."""

    form: Form
    lines: list[SourceLine]
    codes: dict[int, dict[int, int]] = field(default_factory=dict)


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
        self._guarded = primary(terms.language) in {primary(tag) for tag in terms.guarded}
        self._least = least
        self._found: dict[str, list[Found]] = {}

    def has_terms(self, line: SourceLine) -> bool:
        """Return whether a term stands in a line."""
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
            if form == "prompt" and found:
                wanted = {line.text[f.start : f.end]: self._targets[f.term].written for f in found}
                line = replace(line, terms=tuple(wanted.items()))
            elif form in ("code", "entity") and found and not REMAINS.search(line.text):
                numbers = range(number + 1, number + len(found) + 1)
                number += len(found)
                sent.codes[line.id] = {n: f.term for n, f in zip(numbers, found, strict=True)}
                mark = "#" if form == "entity" else ""
                codes = [f"{mark}ZX{n}Q" for n in numbers]
                line = replace(line, text=_put(line.text, found, codes))
            elif form != "none" and found:
                words = [self._targets[f.term].written for f in found]
                line = replace(line, text=_put(line.text, found, words))
            sent.lines.append(line)
        return sent

    def restore(self, line: SourceLine, text: str, sent: Sent) -> tuple[str, str]:
        """Return a line's translation with its terms, and what speaks against it ("" = nothing).

        Sent as it is, a line is never refused for its terms: the objection is for the report.

        Args:
            line: As it was before hide.
            text: What the engine gave for it.
            sent: What hide returned.
        """
        found = self._in(line)
        if not found:
            return text, ""
        if line.id in sent.codes:
            return self._decode(text, sent.codes[line.id])
        due = Counter(one.term for one in found)
        if sent.form == "none":
            return self._settle(text, due)
        for index, times in due.items():
            there = count_written(self._targets[index], text)
            written = self._targets[index].written
            if not there or (there < times and sent.form != "prompt"):
                return text, f"the term {written} is missing"
            if there > times and sent.form != "prompt":
                return text, f"the term {written} stands there {there} times for {times}"
        return text, ""

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
        for match in reversed(matches):
            written = self._targets[codes[int(match[1])]].written
            before = text[: match.start()]
            if SENTENCE_START.search(before):
                written = fitted(written, "X")
            text = before + written + text[match.end() :]
        return text, "the remains of a placeholder" if REMAINS.search(text) else ""

    def _settle(self, text: str, due: Mapping[int, int]) -> tuple[str, str]:
        """Return the text with near-misses of its terms put right, and which are not in it."""
        for index in due:
            if count_written(self._targets[index], text):
                continue
            matcher = Matcher([self._targets[index]])
            places = matcher.listed(text)
            if not places and self._guarded:
                places = matcher.near(text, self._least)
            words = [
                fitted(self._targets[index].written, text[one.start : one.end]) for one in places
            ]
            text = _put(text, places, words)
        missing = [
            self._targets[index].written
            for index in due
            if not count_written(self._targets[index], text)
        ]
        return text, f"without the term {', '.join(missing)}" if missing else ""


def _put(text: str, places: Sequence[Found], words: Sequence[str]) -> str:
    """Return a text with words in the place of what was found."""
    for place, word in reversed(list(zip(places, words, strict=True))):
        text = text[: place.start] + word + text[place.end :]
    return text
