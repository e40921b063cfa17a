#!/usr/bin/env python3
"""
Odd faults: what the weights of the queue of doubts were not set by, planted as told_job's are.

Usage:
    from tests.support.odd_faults import ODD_FAULTS

    ODD_FAULTS["a loop"](told, 7)
"""

from __future__ import annotations

from collections.abc import Callable

from shared.transcript.records.schemas import Word
from tests.support.told_job import Told

CUT_TO = 3


def _heard(told: Told, number: int, text: str, confidence: float) -> None:
    """Give a line other words, evenly in its time."""
    one, parts = told.segments[told.place(number)], text.split()
    step = (one.end - one.start) / len(parts)
    times = [one.start + n * step for n in range(len(parts) + 1)]
    words = [
        Word(start=times[n], end=times[n + 1], text=f" {part}", confidence=confidence)
        for n, part in enumerate(parts)
    ]
    told.change(number, text=text, words=words, confidence=confidence)


def _translated(told: Told, number: int, text: str) -> None:
    told.answers[number] = told.answers[number].model_copy(update={"text": text})


def _loop(told: Told, number: int) -> None:
    _heard(told, number, "nein " * 9 + "nein", 0.75)


def _cut_off(told: Told, number: int) -> None:
    one = told.segments[told.place(number)]
    words = one.words[: max(1, len(one.words) // CUT_TO)]
    text = "".join(word.text for word in words).strip()
    told.change(number, words=words, end=words[-1].end, text=text)


def _credits(told: Told, number: int) -> None:
    _heard(told, number, "Untertitel im Auftrag des ZDF für funk, 2017", 0.6)


def _homoglyphs(told: Told, number: int) -> None:
    text = told.segments[told.place(number)].text
    _heard(told, number, text.replace("a", "а").replace("e", "е"), 0.9)  # Cyrillic


def _late(told: Told, number: int) -> None:
    one = told.segments[told.place(number)]
    words = [w.model_copy(update={"start": w.start + 2, "end": w.end + 2}) for w in one.words]
    told.change(number, start=one.start + 2, end=one.end + 2, words=words)


def _three_words(told: Told, number: int) -> None:
    words = list(told.segments[told.place(number)].words)
    for place, text in enumerate((" Gardine", " Wurf", " schob")[: len(words)]):
        words[place] = words[place].model_copy(update={"text": text, "confidence": 0.35})
    text = "".join(word.text for word in words).strip()
    told.change(number, words=words, text=text, confidence=0.6)


def _chatty(told: Told, number: int) -> None:
    text = told.answers[number].text
    _translated(told, number, f"Sure! Here is the translation: {text} (Note: she sounds sad.)")


ODD_FAULTS: dict[str, Callable[[Told, int], None]] = {
    "a loop": _loop,
    "cut off": _cut_off,
    "credits": _credits,
    "letters of another script that look alike": _homoglyphs,
    "two seconds late": _late,
    "three wrong words": _three_words,
    "a model that chats": _chatty,
    "another language's translation": lambda t, n: _translated(t, n, "मुझे नहीं पता कि क्या हुआ"),
    "hardly a translation": lambda t, n: _translated(t, n, "Yes."),
    "heard as English": lambda t, n: _heard(t, n, "I think we should leave it there then", 0.55),
}
