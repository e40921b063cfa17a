#!/usr/bin/env python3
"""
Word stream: all words of a track in one row, with what is known of every place between two.

Usage:
    from shared.subtitles.shaping.word_stream import WordStream

    stream = WordStream.of(phrases, limits)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.subtitles.base.counting import count_characters, count_words
from shared.subtitles.base.phrase import Phrase
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.layout.line_breaks import BreakKind, rate_break
from shared.subtitles.layout.weights import (
    LONGEST_PAUSE,
    cue_break_cost,
    joining_cost,
    line_break_cost,
)
from shared.transcript.records.schemas import Word

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class WordStream:
    """The words of a track, n of them; arrays have one row a word.

    A place is named by the word behind it; place 0 is the beginning.

    Attributes:
        words: Their texts have a space in front where they are written apart.
        starts, ends: Seconds.
        lengths: Characters of a word on a line, without the space.
        spaces: 1 where a space stands in front.
        characters: Characters of a word for the reading speed, without the space.
        counts: 1 for what counts as a word.
        line_breaks, cue_breaks, joins: Costs of each place.
        ends_unit: Whether a sentence or a segment ends at the place.
        walls: Places that no cue may reach over.
        turns: Places where the speaker changes.
        sung: Whether a word is sung.
        speakers: Who says a word, None where nobody knows.
    """

    words: list[Word]
    starts: Numbers
    ends: Numbers
    lengths: Numbers
    spaces: Numbers
    characters: Numbers
    counts: Numbers
    line_breaks: Numbers
    cue_breaks: Numbers
    joins: Numbers
    ends_unit: Flags
    walls: Flags
    turns: Flags
    sung: Flags
    speakers: list[str | None]

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def of(cls, phrases: Sequence[Phrase], limits: ReadingLimits) -> WordStream:
        """Return the stream of a track's phrases.

        Args:
            phrases: In order; each with at least one word that has text.
            limits: Language, and how characters are counted.
        """
        phrase_of = [n for n, phrase in enumerate(phrases) for _ in phrase.words]
        words = [word for phrase in phrases for word in _spaced(phrase.words)]
        spoken = [word.text.strip() for word in words]
        places = _Places(phrases, phrase_of, spoken, limits.language)
        for index in range(1, len(words)):
            places.add(index, words[index].start - words[index - 1].end)
        return cls(
            words=words,
            starts=np.array([word.start for word in words]),
            ends=np.array([word.end for word in words]),
            lengths=_numbers(limits.line_length(text) for text in spoken),
            spaces=_numbers(word.text.startswith(" ") for word in words),
            characters=_numbers(count_characters(text, limits.speed_counting) for text in spoken),
            counts=_numbers(count_words(text) for text in spoken),
            line_breaks=_numbers(places.line_breaks),
            cue_breaks=_numbers(places.cue_breaks),
            joins=_numbers(places.joins),
            ends_unit=np.array(places.ends_unit, dtype=bool),
            walls=np.array(places.walls, dtype=bool),
            turns=np.array(places.turns, dtype=bool),
            sung=np.array([phrases[number].is_lyrics for number in phrase_of], dtype=bool),
            speakers=[phrases[number].speaker for number in phrase_of],
        )


class _Places:
    """Collects what is known of the places of a stream, one after the other."""

    def __init__(
        self,
        phrases: Sequence[Phrase],
        phrase_of: Sequence[int],
        spoken: Sequence[str],
        language: str,
    ) -> None:
        self._phrases, self._phrase_of = phrases, phrase_of
        self._spoken, self._language = spoken, language
        self.line_breaks, self.cue_breaks, self.joins = [0.0], [0.0], [0.0]
        self.ends_unit, self.walls, self.turns = [True], [False], [False]

    def add(self, index: int, pause: float) -> None:
        """Judge the place in front of a word.

        Args:
            index: The word.
            pause: Seconds between it and the word before.
        """
        before = self._phrases[self._phrase_of[index - 1]]
        after = self._phrases[self._phrase_of[index]]
        ends_segment = before is not after
        point = rate_break(self._spoken, index, self._language)
        self.line_breaks.append(line_break_cost(point, self._spoken[index - 1]))
        self.cue_breaks.append(cue_break_cost(point, pause, ends_segment))
        self.joins.append(joining_cost(point, pause, ends_segment))
        self.ends_unit.append(ends_segment or point.kind is BreakKind.SENTENCE)
        speakers = {before.speaker, after.speaker} - {None}
        turns = len(speakers) > 1
        is_wall = pause > LONGEST_PAUSE or before.is_lyrics != after.is_lyrics
        self.walls.append(is_wall or (turns and after.is_lyrics))
        self.turns.append(turns)


def _spaced(words: Sequence[Word]) -> Iterator[Word]:
    """Yield the words of a phrase; the first is written apart from the phrase before."""
    for index, word in enumerate(words):
        apart = index == 0 or word.text[:1].isspace()
        text = f" {word.text.strip()}" if apart else word.text.rstrip()
        yield word if text == word.text else word.model_copy(update={"text": text})


def _numbers(values: Iterable[float]) -> Numbers:
    return np.fromiter(values, dtype=np.float64)
