#!/usr/bin/env python3
"""
Phrase: a run of timed words of one speaker, as it comes to be shaped into cues.

Usage:
    from shared.subtitles.base.phrase import phrase_from_segment

    phrases = [phrase_from_segment(segment) for segment in transcript.segments]
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from shared.subtitles.base.chunks import LONGEST, inner_ends, running_words
from shared.transcript.languages.symbols import NOTE_SIGNS
from shared.transcript.recognition.sentences import BREATH, CLOSERS, CONTINUERS, SENTENCE_ENDS
from shared.transcript.records.schemas import Segment, TimeSpan, Word
from shared.transcript.records.spacing import is_fully_timed, spaced_tokens

# Shares are sums of fractions: closer than this they are the same.
SHARE_TOLERANCE = 1e-9
# A stop of a translation stands for one of its source that lies so near, as a share of the text.
SAME_STOP = 0.2

NOTES = tuple(NOTE_SIGNS)


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
        whole = _in_chunks(words, segment.language)
        is_sung = bool(segment.is_lyrics) or _is_between_notes(segment.text)
        return Phrase(tuple(whole), is_sung, segment.speaker)
    return phrase_from_text(
        segment.text,
        segment,
        bool(segment.is_lyrics),
        segment.speaker,
        segment.words,
        segment.language,
    )


def phrase_from_text(
    text: str,
    span: TimeSpan,
    is_lyrics: bool = False,
    speaker: str | None = None,
    source: Sequence[Word] = (),
    language: str = "",
) -> Phrase:
    """Return text without word times (a translation) as a phrase inside the time of its source.

    Args:
        text: Running text; words share the time by their length.
        span: Start and end in seconds.
        is_lyrics: Whether it is sung.
        speaker: Who says it.
        source: The timed words that it stands for: what is a third of the way through the text
            gets the time when a third of them has been said, so that their pauses stay pauses.
        language: BCP-47, for scripts without spaces.
    """
    tokens = running_words(text, language)
    shares = _shares(tokens)
    clock = _SourceClock(span, source)
    clock.align([share for share, token in zip(shares[1:], tokens, strict=True) if _stops(token)])
    words: list[Word] = []
    for token, said, then in zip(tokens, shares, shares[1:], strict=False):
        start = clock.start_at(said)
        end = max(start, clock.end_at(then))
        words.append(Word(start=start, end=end, text=token, source="interpolated"))
    return Phrase(tuple(words), is_lyrics or _is_between_notes(text), speaker)


def _in_chunks(words: Sequence[Word], language: str) -> list[Word]:
    """Return words joined where no line may end between them, unless there is a pause."""
    ends = inner_ends("".join(word.text.strip() for word in words), language)
    if ends is None:
        return list(words)
    joined: list[Word] = []
    reached = 0
    for word in words:
        last = joined[-1] if joined else None
        apart = last is None or word.text[:1].isspace() or word.start - last.end > BREATH
        if last is None or apart or reached in ends or len(last.text) > LONGEST:
            joined.append(word)
        else:
            whole = {"text": last.text + word.text, "end": max(last.end, word.end)}
            joined[-1] = last.model_copy(update=whole)
        reached += len(word.text.strip())
    return joined


class _SourceClock:
    """The time at which a share (0 to 1) of a text has been said, by the words it stands for."""

    def __init__(self, span: TimeSpan, source: Sequence[Word]) -> None:
        spoken = [word for word in source if word.duration > 0]
        self._spans: Sequence[TimeSpan] = spoken or [span]
        self._shares = _shares([word.text for word in spoken] or ["all"])
        self._stops = [
            share
            for share, word, following in zip(self._shares[1:], spoken, spoken[1:], strict=False)
            if _stops(word.text) or following.start - word.end > BREATH
        ]
        self._anchors = [(0.0, 0.0), (1.0, 1.0)]

    def align(self, stops: Sequence[float]) -> None:
        """Put sentences and clauses of the text where the source stops, too.

        Args:
            stops: Shares of the text at which a sentence or a clause ends, in order.
        """
        anchors = [(0.0, 0.0)]
        for source_stop in self._stops:
            near = [stop for stop in stops if anchors[-1][0] < stop < 1.0]
            best = min(near, key=lambda stop: abs(stop - source_stop), default=None)
            if best is not None and abs(best - source_stop) <= SAME_STOP:
                anchors.append((best, source_stop))
        self._anchors = [*anchors, (1.0, 1.0)]

    def start_at(self, share: float) -> float:
        """Return the first moment after this share has been said, in seconds."""
        said = self._in_source(share)
        return self._within(bisect_right(self._shares, said + SHARE_TOLERANCE) - 1, said)

    def end_at(self, share: float) -> float:
        """Return the moment at which this share has just been said, in seconds."""
        said = self._in_source(share)
        return self._within(bisect_left(self._shares, said - SHARE_TOLERANCE) - 1, said)

    def _in_source(self, share: float) -> float:
        """Return the share of the source that stands for a share of the text."""
        index = min(bisect_right(self._anchors, (share, 1.0)), len(self._anchors) - 1)
        (low, from_low), (high, from_high) = self._anchors[index - 1], self._anchors[index]
        part = (share - low) / (high - low) if high > low else 1.0
        return from_low + part * (from_high - from_low)

    def _within(self, number: int, share: float) -> float:
        number = min(max(number, 0), len(self._spans) - 1)
        low, high = self._shares[number], self._shares[number + 1]
        part = min(max((share - low) / (high - low), 0.0), 1.0)
        return self._spans[number].start + part * self._spans[number].duration


def _is_between_notes(text: str) -> bool:
    """Return whether a text says itself that it is sung."""
    bare = text.strip()
    return len(bare) > 1 and bare.startswith(NOTES) and bare.endswith(NOTES)


def _shares(tokens: Sequence[str]) -> list[float]:
    """Return how much of the text lies in front of each token, and of all of them."""
    reached = list(accumulate((len(token) for token in tokens), initial=0))
    return [position / max(1, reached[-1]) for position in reached]


def _stops(token: str) -> bool:
    """Tell whether a sentence or a clause ends with a token."""
    return token.rstrip(CLOSERS).endswith((*SENTENCE_ENDS, *CONTINUERS))
