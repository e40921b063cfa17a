#!/usr/bin/env python3
"""
Phrase: a run of timed words of one speaker, as it comes to be shaped into cues.

Usage:
    from shared.subtitles.phrase import phrase_from_segment

    phrases = [phrase_from_segment(segment) for segment in transcript.segments]
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from shared.transcript.schemas import Segment, TimeSpan, Word
from shared.transcript.spacing import is_fully_timed, spaced_tokens

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
CLOSING = r"[\p{M}\p{Lm}]*[\p{Pe}\p{Pf}\p{Po}]*"
UNSPACED_TOKEN = regex.compile(rf"\p{{Ps}}*[{UNSPACED}]{CLOSING}|[^{UNSPACED}]+")
# Shares are sums of fractions: closer than this they are the same.
SHARE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Phrase:
    """A run of timed words that belongs together, usually a sentence.

    The text of a word begins with a space where it is written apart from the word before it.
    """

    words: tuple[Word, ...]
    is_lyrics: bool = False
    speaker: str | None = None

    @property
    def text(self) -> str:
        """The words as running text."""
        return "".join(word.text for word in self.words).strip()


def phrase_from_segment(segment: Segment) -> Phrase:
    """Return a segment as a phrase with its own word times.

    Args:
        segment: A segment of the transcript; without word times, or when the words are not its
            text any more (somebody corrected it), they are shared out by length.
    """
    if segment.words and is_fully_timed(segment):
        texts = spaced_tokens(segment.text, [word.text for word in segment.words])
        words = [
            word.model_copy(update={"text": text})
            for word, text in zip(segment.words, texts, strict=True)
        ]
        return Phrase(tuple(words), bool(segment.is_lyrics), segment.speaker)
    return phrase_from_text(
        segment.text, segment, bool(segment.is_lyrics), segment.speaker, segment.words
    )


def phrase_from_text(
    text: str,
    span: TimeSpan,
    is_lyrics: bool = False,
    speaker: str | None = None,
    source: Sequence[Word] = (),
) -> Phrase:
    """Return text without word times (a translation) as a phrase inside the time of its source.

    Args:
        text: Running text; words share the time by their length.
        span: Start and end in seconds.
        is_lyrics: Whether it is sung.
        speaker: Who says it.
        source: The timed words that it stands for: what is a third of the way through the text
            gets the time when a third of them has been said, so that their pauses stay pauses.
    """
    tokens = _tokens(text)
    total = sum(len(token) for token in tokens)
    clock = _SourceClock(span, source)
    words: list[Word] = []
    done = 0
    for token in tokens:
        start = clock.start_at(done / total)
        done += len(token)
        end = max(start, clock.end_at(done / total))
        words.append(Word(start=start, end=end, text=token, source="interpolated"))
    return Phrase(tuple(words), is_lyrics, speaker)


class _SourceClock:
    """The time at which a share of the source has been said."""

    def __init__(self, span: TimeSpan, source: Sequence[Word]) -> None:
        spoken: Sequence[TimeSpan] = [word for word in source if word.duration > 0] or [span]
        lengths = [len(one.text) if isinstance(one, Word) else 1 for one in spoken]
        total = sum(lengths)
        self._spoken = spoken
        self._shares = [sum(lengths[:number]) / total for number in range(len(spoken) + 1)]

    def start_at(self, share: float) -> float:
        """Return the first moment after this share (0 to 1) has been said, in seconds."""
        return self._within(bisect_right(self._shares, share + SHARE_TOLERANCE) - 1, share)

    def end_at(self, share: float) -> float:
        """Return the moment at which this share has just been said, in seconds."""
        return self._within(bisect_left(self._shares, share - SHARE_TOLERANCE) - 1, share)

    def _within(self, number: int, share: float) -> float:
        number = min(max(number, 0), len(self._spoken) - 1)
        low, high = self._shares[number], self._shares[number + 1]
        part = min(max((share - low) / (high - low), 0.0), 1.0)
        return self._spoken[number].start + part * self._spoken[number].duration


def _tokens(text: str) -> list[str]:
    """Return the words with a space in front; without spaces, the characters a viewer sees."""
    tokens: list[str] = []
    for word in text.split():
        first, *others = UNSPACED_TOKEN.findall(word)
        tokens += [" " + first, *others]
    return tokens
