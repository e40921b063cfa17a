#!/usr/bin/env python3
"""
Quality: tell text that was spoken from text that the recogniser invented.

Whisper writes something for music, noise and silence too: credits it saw in training, one phrase
again and again, a lone word. Each rule gives evidence in words. One piece of hard evidence is
enough to put a text into quarantine; soft evidence must come from two independent sources.

Usage:
    from shared.transcript.recognition.quality import Hypothesis, Limits, evidence_against

    evidence = evidence_against(hypothesis, Limits())  # [] means: believed
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from shared.transcript.recognition.invented import CAPTIONS, CREDITS, FAREWELLS, FAVOURITES

# For so few words the engine's means say little: one token more or less likely decides.
FEW_WORDS = 2
# A detector as sure as this, and an engine that hears speech, speak for a short line.
CLEAR_SPEECH = 0.7
CLEAR_NO_SPEECH = 0.3
# Somebody says the same again: the detector and the engine are sure of each word; characters a
# second as people speak. What an engine in a loop writes says it more often.
SURE_SPEECH, SURE_WORDS, SPOKEN_RATE = 0.8, 0.6, 20.0
FEW_TIMES = 1.5
# An actor thanks for listening, too: then detector and engine are as sure as this of all of it.
CERTAIN = 0.95
# The same few lines in turn so many times make a loop; short ones ("No!") twice as many.
LOOP_TIMES = 4
LONGEST_CYCLE = 3


@dataclass(frozen=True)
class Limits:
    """Where the rules bite.

    `min_confidence` and `max_no_speech` are probabilities, `max_compression` a ratio,
    `min_word_confidence` a mean over words, `min_speech_score` a mean probability of the
    detector under the words, `max_characters_per_second` a rate no mouth reaches.
    """

    min_confidence: float = 0.37
    max_no_speech: float = 0.6
    max_compression: float = 2.4
    min_word_confidence: float = 0.35
    min_speech_score: float = 0.35
    max_characters_per_second: float = 40.0


@dataclass(frozen=True)
class Hypothesis:
    """A text that a recogniser takes to be spoken, and what is known about it.

    `confidence` is exp of the mean token log-probability; `word_confidence` the mean over its words
    (None: unknown); `speech_score` the detector's mean probability under its words; `duration` in
    seconds; `prompt` is what the recogniser was told beforehand (it may repeat it).
    """

    text: str
    confidence: float
    no_speech: float
    compression: float
    speech_score: float
    duration: float
    word_confidence: float | None = None
    prompt: str = ""


def evidence_against(
    hypothesis: Hypothesis, limits: Limits, *, enough: int = 2, known: Sequence[str] = ()
) -> list[str]:
    """Return why a text is not believed, an empty list if it is.

    Args:
        hypothesis: The text and its figures.
        limits: The thresholds.
        enough: So many pieces of soft evidence lead to disbelief.
        known: Soft evidence from elsewhere.

    Returns:
        One short sentence for each piece of evidence.
    """
    hard = _hard_evidence(hypothesis, limits)
    weak = _weak_evidence(hypothesis, limits)
    soft = [*known, *_soft_evidence(hypothesis, limits)]
    signs = len(soft) + (min(1, len(weak)) if _is_clear_interjection(hypothesis) else len(weak))
    if hard or signs >= enough:
        return hard + soft + weak
    return []


def looped_lines(lines: Sequence[str]) -> dict[int, int]:
    """Return which lines only say again what the lines before them said, and how often in all.

    Args:
        lines: The texts of a film, in order.

    Returns:
        Index of a line to the number of times; the first time counts as said and is not among them.
    """
    texts = [plain(line) for line in lines]
    looped: dict[int, int] = {}
    for cycle in range(1, LONGEST_CYCLE + 1):
        first = 0
        for index in range(cycle, len(texts) + 1):
            if index < len(texts) and texts[index] and texts[index] == texts[index - cycle]:
                continue
            # first to index goes round in a cycle
            times = (index - first) // cycle
            words = max((len(one.split()) for one in texts[first:index]), default=0)
            if times >= LOOP_TIMES * (1 if words > FEW_WORDS else 2):
                again = range(first + cycle, index)
                looped |= {one: max(times, looped.get(one, 0)) for one in again}
            first = index - cycle + 1
    return looped


def _is_clear_interjection(hypothesis: Hypothesis) -> bool:
    """Tell whether a line is but a word or two, where somebody speaks for certain."""
    clear = hypothesis.speech_score >= CLEAR_SPEECH and hypothesis.no_speech <= CLEAR_NO_SPEECH
    return clear and len(plain(hypothesis.text).split()) <= FEW_WORDS


def _is_certain(hypothesis: Hypothesis) -> bool:
    """Tell whether nothing at all speaks against a line but its words."""
    words = (
        hypothesis.confidence
        if hypothesis.word_confidence is None
        else (hypothesis.word_confidence)
    )
    sure = min(hypothesis.confidence, words, hypothesis.speech_score)
    return sure >= CERTAIN and hypothesis.no_speech <= 1 - CERTAIN


def _is_said_again(hypothesis: Hypothesis, limits: Limits) -> bool:
    """Tell whether somebody says the same a few times: heard clearly, at the pace of a mouth."""
    # Whisper calls a phrase that comes again less likely speech; the detector is not misled.
    clear = hypothesis.speech_score >= SURE_SPEECH and hypothesis.no_speech <= limits.max_no_speech
    words = hypothesis.word_confidence or 0.0
    believed = min(hypothesis.confidence, words) >= SURE_WORDS
    few = hypothesis.compression <= limits.max_compression * FEW_TIMES
    rate = len(plain(hypothesis.text)) / max(hypothesis.duration, 0.001)
    few = few and not loops(plain(hypothesis.text), times=LOOP_TIMES + 2)
    return clear and believed and few and rate <= SPOKEN_RATE


def _hard_evidence(hypothesis: Hypothesis, limits: Limits) -> list[str]:
    """Return the evidence of which one piece is enough."""
    found: list[str] = []
    text = plain(hypothesis.text)
    if not text:
        found.append("no letter or digit in it")
    farewell = FAREWELLS.fullmatch(text) and not _is_certain(hypothesis)
    if CREDITS.search(hypothesis.text) or farewell:
        found.append("a line known from training data")
    repeats = hypothesis.compression > limits.max_compression or loops(text)
    if repeats and not _is_said_again(hypothesis, limits):
        found.append(f"repeats itself (compression ratio {hypothesis.compression:.2f})")
    if (
        hypothesis.no_speech > limits.max_no_speech
        and hypothesis.confidence < limits.min_confidence
    ):
        found.append(
            f"heard as no speech ({hypothesis.no_speech:.2f}) with low confidence "
            f"({hypothesis.confidence:.2f})"
        )
    if hypothesis.prompt and text and text == plain(hypothesis.prompt):
        found.append("repeats the prompt")
    rate = len(text) / hypothesis.duration if hypothesis.duration > 0 else math.inf
    if len(text) > 20 and rate > limits.max_characters_per_second:
        found.append(f"{rate:.0f} characters a second")
    return found


def _soft_evidence(hypothesis: Hypothesis, limits: Limits) -> list[str]:
    """Return the evidence of which two pieces are needed."""
    found: list[str] = []
    if hypothesis.no_speech > limits.max_no_speech:
        found.append(f"heard as no speech ({hypothesis.no_speech:.2f})")
    if hypothesis.speech_score < limits.min_speech_score:
        found.append(f"little speech under it ({hypothesis.speech_score:.2f})")
    if plain(hypothesis.text) in CAPTIONS:
        found.append("the caption of a sound")
    return found


def _weak_evidence(hypothesis: Hypothesis, limits: Limits) -> list[str]:
    """Return the evidence of which two pieces are needed, and which is but one for a short line.

    "Oh!" is a favourite and never very probable; that does not make it doubtful twice.
    """
    found: list[str] = []
    if hypothesis.confidence < limits.min_confidence:
        found.append(f"low confidence ({hypothesis.confidence:.2f})")
    if (
        hypothesis.word_confidence is not None
        and hypothesis.word_confidence < limits.min_word_confidence
    ):
        found.append(f"low confidence of its words ({hypothesis.word_confidence:.2f})")
    if plain(hypothesis.text) in FAVOURITES:
        found.append("a line that is often invented")
    return found


def plain(text: str) -> str:
    """Return text in lower case with letters, marks and digits only, one space between words.

    Args:
        text: In any script.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return " ".join("".join(kept).split())


def loops(text: str, *, times: int = 4) -> bool:
    """Tell whether one run of words makes up most of a text by being said again and again.

    Args:
        text: Plain text, words between spaces.
        times: Fewer repetitions are no loop ("no, no, no" is dialogue).
    """
    words = text.split()
    for length in range(1, len(words) // times + 1):
        for offset in range(len(words) - length * times + 1):
            unit = words[offset : offset + length]
            count = 1
            while words[offset + count * length : offset + (count + 1) * length] == unit:
                count += 1
            # A word or two may be shouted many times; a longer run never is.
            enough = times * 2 if length <= 2 else times
            if count >= enough and count * length * 2 > len(words):
                return True
    return False
