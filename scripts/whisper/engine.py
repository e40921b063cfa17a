#!/usr/bin/env python3
"""
Whisper engine: what a library that runs Whisper offers to recognition, whichever it is.

To add one: a class with these members in its own `*_integration.py`, a `*_setup.py` that loads it,
a row in ENGINES of scripts/whisper/recognition.py.

Usage:
    from scripts.whisper.engine import DecodeOptions, LanguageRules, WhisperEngine, make_utterance
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from shared.transcript.recognition.quality import Limits
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.recognition.words import TimedToken


@dataclass(frozen=True)
class LanguageRules:
    """How much evidence a language needs.

    `windows`: how many stretches of up to 30 s are heard to find the main language.
    `switch_probability`: a region speaks another language only from this probability on.
    `switch_ratio`: and only if it is so many times as probable as the main language.
    `switch_seconds`: and only if the region is at least this long.
    """

    windows: int = 8
    switch_probability: float = 0.7
    switch_ratio: float = 5.0
    switch_seconds: float = 1.5


@dataclass(frozen=True)
class DecodeOptions:
    """How speech becomes text; lengths and pauses in seconds.

    `language` None: detected. `multilingual`: every region may speak another language.
    `beam_size`: engines without a beam search take the best token each time.
    `temperatures`: tried in turn while the text looks wrong. `chunk_length`: what Whisper hears at
    once; `max_gap`: a longer silence separates chunks; `context`: what a chunk gains on both sides.
    `max_pause`: a longer silence ends a segment. `word_pause`: no word crosses a longer stretch
    without speech. `max_segment`: the engine's
    pieces are joined to sentences up to this length. `carry_context`: within a chunk, the text so
    far guides what follows.
    """

    language: str | None
    multilingual: bool
    beam_size: int
    temperatures: tuple[float, ...]
    chunk_length: float
    max_gap: float
    context: float
    max_pause: float
    max_segment: float
    word_pause: float = 0.1
    carry_context: bool = True
    hotwords: str = ""
    initial_prompt: str = ""
    limits: Limits = field(default_factory=Limits)
    language_rules: LanguageRules = field(default_factory=LanguageRules)


class RecognisedWord(NamedTuple):
    """A word as an engine gives it: with its leading space, times in seconds of what it heard."""

    text: str
    start: float
    end: float
    probability: float


class WhisperEngine(Protocol):
    """A loaded Whisper; sound is float32, 16 kHz mono, shape (samples,)."""

    @property
    def name(self) -> str:
        """The library, as the transcript names it."""

    @property
    def languages(self) -> Collection[str]:
        """Whisper's codes of what the model knows; "en" alone: an English model."""

    def seed(self) -> None:
        """Start random numbers anew, so that the same film always gives the same text."""

    def language_probabilities(self, piece: Any) -> dict[str, float]:
        """Return Whisper's codes and their probabilities for the first 30 s of a piece.

        Args:
            piece: Samples at 16 kHz, float32, shape (samples,).
        """

    def hear_ahead(self, pieces: Iterable[Any]) -> list[dict[str, float]]:
        """Return Whisper's codes and their probabilities for what decode_batch hears first.

        What is computed for it is not computed again by a decode_batch that comes next.

        Args:
            pieces: As decode_batch will be given them.

        Returns:
            Of so many pieces as are decoded at once; none where nothing can be kept.
        """

    def decode(
        self,
        piece: Any,
        offset: float,
        code: str,
        options: DecodeOptions,
        temperatures: Sequence[float],
    ) -> list[Utterance]:
        """Return what is said in a piece, in the engine's own pieces, every token timed.

        Args:
            piece: What to hear.
            offset: Where it begins, seconds; the tokens' times count from the same zero.
            code: Whisper's code of the language.
            options: How to decode.
            temperatures: Tried in turn while the text looks wrong.
        """

    def decode_batch(
        self, pieces: Iterable[Any], code: str, options: DecodeOptions
    ) -> Iterator[list[Utterance]]:
        """Yield what is said in each piece, heard once; several at once where that is faster.

        Args:
            pieces: Of at most 30 s each; the tokens' times count from the start of their piece.
            code: Whisper's code of the language.
            options: How to decode.

        Yields:
            The pieces of text of each, in order, every token timed.
        """


def make_utterance(
    words: Iterable[RecognisedWord],
    offset: float,
    *,
    log_probability: float,
    no_speech: float,
    compression: float,
    temperature: float,
) -> Utterance:
    """Return an engine's piece of text as an utterance in the time of the whole audio.

    Args:
        words: In order.
        offset: Where the piece begins, seconds.
        log_probability: Mean per token, natural logarithm.
        no_speech: Probability that nobody speaks.
        compression: The text's size over its compressed size.
        temperature: The one it was sampled with.
    """
    tokens = tuple(
        TimedToken(
            text=word.text.strip(),
            start=offset + max(0.0, word.start),
            end=offset + max(0.0, word.start, word.end),
            confidence=min(1.0, max(0.0, word.probability)),
            spaced=word.text[:1].isspace(),
        )
        for word in words
        if word.text.strip()
    )
    return Utterance(
        tokens=tokens,
        log_probability=log_probability,
        no_speech=no_speech,
        compression=compression,
        temperature=temperature,
    )
