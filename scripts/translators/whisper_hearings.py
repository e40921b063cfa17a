#!/usr/bin/env python3
"""
Whisper hearings: a line heard in English in several windows and ways, until one is believed.

The first hearing has some sound on either side, the next is cut close and warmer; what is written
for sound that is not understood changes with them, what is said does not. A long line, and one of
which no hearing is believed, is heard in halves.

Usage:
    hearings = Hearings(hear, limits, in_words)
    answer = hearings.translate(Passage(words, start, end, lower, upper), "hi")
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from shared.transcript.recognition.quality import Limits, plain
from shared.translation.hearing.heard import (
    AGREED,
    SURE,
    Asked,
    Evidence,
    Heard,
    InWords,
    evidence_against,
    same_words,
)
from shared.translation.lines import LEFT_OUT

# A line shorter than this is not heard in halves (seconds).
SHORTEST_HALVED = 8.0
# Of a longer one the engine's mean says little of any part: it is heard in halves at once.
LONGEST_WHOLE = 16.0
# At most that share of a line's time may lack a translation.
MOST_LEFT_OUT = 0.5

# Start and end in seconds, language, temperature.
Hear = Callable[[float, float, str, float], Heard]


@dataclass(frozen=True)
class SpokenWord:
    """A word of the transcript; times in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Passage:
    """What is to be translated at once: its words, its times, and how far around may be heard."""

    words: tuple[SpokenWord, ...]
    start: float
    end: float
    lower: float
    upper: float

    @property
    def text(self) -> str:
        """What was understood of it."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Answer:
    """English for a passage, "" for none; what was refused, or left out, and why."""

    text: str
    refused: str = ""


class Hearings:
    """Translates passages by their sound.

    Args:
        hear: Hears a stretch of the film.
        limits: From which figures on a text is doubted.
        in_words: Numbers in words, see shared/translation/hearing/heard.py.
        context: Sound heard on either side, seconds.
        temperatures: Of the hearings; the second for one of them.
    """

    def __init__(
        self,
        hear: Hear,
        limits: Limits,
        in_words: InWords,
        context: float,
        temperatures: Sequence[float],
    ) -> None:
        self._hear = hear
        self._limits = limits
        self._in_words = in_words
        self._context = context
        self._temperatures = tuple(temperatures)

    def translate(self, passage: Passage, language: str, not_so: Collection[str] = ()) -> Answer:
        """Return English that was believed, of the whole passage or of its halves.

        Args:
            passage: What to hear.
            language: BCP-47 that is spoken.
            not_so: Answers, as `plain` leaves them, that were refused before.
        """
        halves = in_halves(passage)
        text, why = "", "no part of it was understood"
        if not halves or passage.end - passage.start <= LONGEST_WHOLE:
            text, why = self._believed(passage, language, not_so)
        if text:
            return Answer(text)
        if not halves:
            return Answer("", why)
        answers = [self.translate(half, language, not_so) for half in halves]
        return _joined(halves, answers, why)

    def _believed(
        self, passage: Passage, language: str, not_so: Collection[str]
    ) -> tuple[str, str]:
        """Return what several hearings say, or "" and what speaks against the likeliest of them."""
        asked = Asked(passage.text, language, passage.end - passage.start, self._in_words)
        tried: list[tuple[Heard, Evidence]] = []
        for start, end, temperature in self._plan(passage):
            heard = self._hear(start, end, language, temperature)
            evidence = evidence_against(heard, asked, self._limits)
            if plain(heard.text) in not_so:
                evidence = Evidence(hard=("other lines have the same answer",))
            if evidence.is_clean and heard.confidence >= SURE:
                return heard.text, ""
            for other, known in tried:
                if not (known.refuses or evidence.refuses):
                    if same_words(other.text, heard.text) >= AGREED:
                        return max(other, heard, key=lambda one: one.confidence).text, ""
            tried.append((heard, evidence))
        likeliest, evidence = max(tried, key=lambda one: (not one[1].refuses, one[0].confidence))
        why = evidence.told if evidence.refuses else "each hearing has something else"
        return "", f"{likeliest.text!r}: {why}" if likeliest.text else why

    def _plan(self, passage: Passage) -> list[tuple[float, float, float]]:
        """Return start, end and temperature of each hearing."""
        first, *others = self._temperatures
        warm = others[0] if others else first
        wide = (
            min(passage.start, max(passage.lower, passage.start - self._context)),
            max(passage.end, min(passage.upper, passage.end + self._context)),
        )
        wider = (max(0.0, passage.start - 5 * self._context), passage.end + 5 * self._context)
        close = (passage.start, passage.end)
        return [(*wide, first), (*close, warm), (*wider, first), (*close, first)]


def in_halves(passage: Passage) -> list[Passage]:
    """Return a long passage cut at the widest pause near its middle, [] for a short one.

    Args:
        passage: With the times of its words.
    """
    words = passage.words
    if passage.end - passage.start < SHORTEST_HALVED or len(words) < 2:
        return []
    middle, quarter = (
        (passage.start + passage.end) / 2,
        (passage.end - passage.start) / 4,
    )

    def merit(place: int) -> tuple[bool, float, float]:
        low, high = words[place - 1].end, words[place].start
        distance = abs((low + high) / 2 - middle)
        return distance <= quarter, round(high - low, 1), -distance

    cut = max(range(1, len(words)), key=merit)
    before, after = words[cut - 1].end, max(words[cut - 1].end, words[cut].start)
    return [
        Passage(words[:cut], passage.start, before, passage.lower, after),
        Passage(words[cut:], after, passage.end, before, passage.upper),
    ]


def _joined(halves: Sequence[Passage], answers: Sequence[Answer], why: str) -> Answer:
    """Return the answers to the parts as one; too little of them is none."""
    seconds = [half.end - half.start for half in halves]
    lacking = sum(
        length for length, answer in zip(seconds, answers, strict=True) if not answer.text
    )
    if lacking > MOST_LEFT_OUT * sum(seconds):
        return Answer("", why)
    text = " ".join(answer.text or LEFT_OUT for answer in answers)
    refused = "; ".join(answer.refused for answer in answers if answer.refused)
    return Answer(text.replace(f"{LEFT_OUT} {LEFT_OUT}", LEFT_OUT), refused)
