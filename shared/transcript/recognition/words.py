#!/usr/bin/env python3
"""
Words: give every token of a segment a time that can be true.

A recogniser's word times drift: a word that follows a pause is often said to begin where the
pause begins. Here words are kept inside their segment, in order, and off the stretches without
speech; a word without a time gets one between its neighbours.

Usage:
    from shared.transcript.recognition.words import TimedToken, place_words

    words = place_words(tokens, start=7.8, end=15.7, regions=regions, max_pause=1.0)
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shared.transcript.records.schemas import Segment, SpeechRegion, TimeSpan, Word
from shared.transcript.sound.pauses import off_pauses, pauses_between

Source = Literal["asr", "attention", "wav2vec2", "mms", "interpolated"]
# Shorter than any spoken syllable, longer than one frame of every aligner: the least a word takes.
MIN_WORD = 0.04
# The first words of a sentence, fewer than so many, are moved behind a pause of such a length
# that they bridge without a gap (seconds).
MOST = 4
LONG_PAUSE = 0.5
CLOSE = 0.15
# A first word twice as long as this, or as this for each character, begins too early (seconds).
LONG_WORD, LONG_CHARACTER = 0.3, 0.09
# The most that the last word of a segment gains to reach the end of the speech (seconds).
MAX_STRETCH = 0.7


@dataclass(frozen=True)
class TimedToken:
    """One token as an engine gave it: its text (not empty), its times if any, its confidence.

    `spaced` tells whether a space stands before it in the running text (not so in Japanese).
    """

    text: str
    start: float | None
    end: float | None
    confidence: float | None = None
    source: Source = "asr"
    spaced: bool = True


def place_words(
    tokens: Sequence[TimedToken],
    *,
    start: float,
    end: float,
    regions: Sequence[SpeechRegion],
    max_pause: float,
) -> list[Word]:
    """Return the tokens as words inside start to end, in order, every one timed.

    Args:
        tokens: In spoken order; a token without a start or end is timed between its neighbours.
        start: Start of the segment, seconds.
        end: End of the segment, seconds.
        regions: Where somebody speaks; may be empty, then nothing is known about pauses.
        max_pause: No word crosses a stretch without speech that is longer, seconds.

    Returns:
        One word per token. start <= word.start <= word.end <= end, and no word begins before the
        one in front of it ends.
    """
    pauses = pauses_between(regions, start, end, max_pause)
    timed = _settle_lead(interpolate(tokens, start, end), start, regions, pauses)
    placed: list[Word] = []
    for token in timed:
        placed.append(_place(token, placed[-1].end if placed else start, end, pauses))
    return _widen(placed, start, end, pauses)


def _settle_lead(
    tokens: Sequence[TimedToken],
    start: float,
    regions: Sequence[SpeechRegion],
    pauses: Sequence[TimeSpan],
) -> list[TimedToken]:
    """Return the tokens, the first ones not before a pause that the engine let them bridge.

    Engines often let a sentence that follows a pause begin where the one before it ends, and
    stretch its first words over the pause. What somebody said before it has a gap behind it.

    Args:
        tokens: All timed, in order.
        start: Where the words before end, seconds.
        regions: Where somebody speaks.
        pauses: Stretches without speech.
    """
    first = (tokens[0].start or 0.0) if tokens else start
    reached = bisect_left(regions, first, key=lambda one: one.end)
    follows = reached < len(regions) and regions[reached].start < start - CLOSE
    if not tokens or not follows or first - start > CLOSE:
        return list(tokens)
    pause = next((one for one in pauses if one.start > first), None)
    lead = sum((one.start or 0.0) < pause.start for one in tokens) if pause else 0
    run = tokens[: lead + 1]
    gaps = ((b.start or 0.0) - (a.end or 0.0) for a, b in zip(run, run[1:], strict=False))
    bridges = pause and (run[-1].end or 0.0) > pause.end and max(gaps, default=0.0) < CLOSE
    if pause and bridges and pause.duration >= LONG_PAUSE and lead < min(MOST, len(tokens)):
        moved = _share(run, pause.end, run[-1].end or 0.0)
        kept = (replace(one, source=old.source) for one, old in zip(moved, run, strict=True))
        return [*kept, *tokens[lead + 1 :]]
    return [_unstretched(tokens[0]), *tokens[1:]]


def _unstretched(token: TimedToken) -> TimedToken:
    """Return the first token of a sentence without the breath before it that detectors miss."""
    end = token.end or 0.0
    longest = max(LONG_WORD, LONG_CHARACTER * len(token.text))
    if end - (token.start or 0.0) <= 2 * longest:
        return token
    return replace(token, start=end - longest)


def _place(token: TimedToken, earliest: float, end: float, pauses: Sequence[TimeSpan]) -> Word:
    """Return a timed token as a word between earliest and end, off the pauses where it can be."""
    low, high = off_pauses(token.start or 0.0, token.end or 0.0, pauses)
    low = max(low, earliest)
    low, high = off_pauses(low, max(high, low), pauses)
    # Where a pause reaches over the end of the segment, the segment decides.
    low = min(max(low, earliest), end)
    # A squeezed word gets its least length; the words behind it move on a little.
    room = min([end, *(pause.start for pause in pauses if pause.start >= low)])
    high = max(low, min(max(high, min(low + MIN_WORD, room)), end))
    return Word(
        text=token.text, start=low, end=high, confidence=token.confidence, source=token.source
    )


def tokens_of_text(text: str) -> list[TimedToken]:
    """Return the tokens of a text without times: words, or characters where no spaces are written.

    Args:
        text: A segment's text.
    """
    tokens: list[TimedToken] = []
    for word in text.split():
        if any(_unspaced(char) for char in word):
            pieces = _cut_unspaced(word)
            tokens += [
                TimedToken(text=piece, start=None, end=None, spaced=not index)
                for index, piece in enumerate(pieces)
            ]
        else:
            tokens.append(TimedToken(text=word, start=None, end=None))
    return tokens


def _unspaced(char: str) -> bool:
    """Tell whether a character belongs to a script that is written without spaces."""
    return any(
        low <= char <= high
        for low, high in (("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"))
        + (("\u3040", "\u30ff"), ("\u3400", "\u9fff"))
    )


def _cut_unspaced(word: str) -> list[str]:
    """Cut a run of such a script into letters, each with the marks and signs that follow it."""
    pieces: list[str] = []
    for char in word:
        letter = unicodedata.category(char)[0] in "LN"
        if pieces and not (letter and (_unspaced(char) or _unspaced(pieces[-1][-1]))):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def running_text(tokens: Sequence[TimedToken]) -> str:
    """Return the tokens as one line of text.

    Args:
        tokens: In order; each brings the space in front of it.
    """
    return "".join(f" {one.text}" if one.spaced else one.text for one in tokens).strip()


def interpolate(tokens: Sequence[TimedToken], start: float, end: float) -> list[TimedToken]:
    """Return the tokens with a time each: untimed ones share what their neighbours leave.

    Args:
        tokens: In spoken order.
        start: Start of the segment, seconds.
        end: End of the segment, seconds.

    Returns:
        As many tokens; those that had no time carry the source "interpolated".
    """
    done: list[TimedToken] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.start is not None and token.end is not None:
            done.append(token)
            index += 1
            continue
        run = index
        while run < len(tokens) and (tokens[run].start is None or tokens[run].end is None):
            run += 1
        following = tokens[run].start if run < len(tokens) else end
        done = _insert(done, tokens[index:run], start, following or 0.0)
        index = run
    return done


def _insert(
    done: list[TimedToken], tokens: Sequence[TimedToken], start: float, high: float
) -> list[TimedToken]:
    """Return done and the untimed tokens; without room for them the token before gives some."""
    low = max(start, (done[-1].end or start) if done else start)
    if done and high - low < MIN_WORD * len(tokens):
        giver = done[-1]
        shares = _share([giver, *tokens], giver.start or 0.0, max(low, high))
        return [*done[:-1], replace(giver, end=shares[0].end), *shares[1:]]
    return [*done, *_share(tokens, low, high)]


def _share(tokens: Sequence[TimedToken], low: float, high: float) -> list[TimedToken]:
    """Share low to high among the tokens, by their number of characters."""
    high = max(low, high)
    total = sum(len(token.text) for token in tokens)
    shared, position = [], low
    for token in tokens:
        length = (high - low) * len(token.text) / total
        shared.append(
            replace(token, start=position, end=min(high, position + length), source="interpolated")
        )
        position = min(high, position + length)
    return shared


def close_ends(
    segments: Sequence[Segment], regions: Sequence[SpeechRegion], *, max_stretch: float
) -> list[Segment]:
    """Let the last word of each segment end where the speech ends.

    Engines end a word with its last sound but one: Whisper's last words end 0.3 s too early in the
    median. The word may grow to the end of its speech region, never into the next segment.

    Args:
        segments: In order.
        regions: Where somebody speaks, in order.
        max_stretch: The most that a word may gain, seconds.

    Returns:
        As many segments; only ends differ.
    """
    closed: list[Segment] = []
    for index, segment in enumerate(segments):
        if segment.words:
            last = segment.words[-1]
            reached = bisect_right(regions, last.end, key=lambda one: one.end)
            is_here = reached < len(regions) and regions[reached].start < last.end
            limit = last.end
            if is_here:
                limit = min(last.end + max_stretch, regions[reached].end)
            if index + 1 < len(segments):
                limit = min(limit, segments[index + 1].start)
            end = max(last.end, limit)
            words = [*segment.words[:-1], last.model_copy(update={"end": end})]
            segment = segment.model_copy(update={"words": words, "end": max(end, segment.end)})
        closed.append(segment)
    return closed


def _widen(
    words: Sequence[Word], start: float, end: float, pauses: Sequence[TimeSpan]
) -> list[Word]:
    """Give words of no length the little room that lies free beside them."""
    wide = list(words)
    for index, word in enumerate(wide):
        if word.duration >= MIN_WORD:
            continue
        lower = wide[index - 1].end if index else start
        upper = wide[index + 1].start if index + 1 < len(wide) else end
        for pause in pauses:
            lower = pause.end if lower < pause.end <= word.start else lower
            upper = pause.start if word.end <= pause.start < upper else upper
        missing = MIN_WORD - word.duration
        high = min(upper, word.end + missing)
        low = max(lower, high - MIN_WORD)
        wide[index] = word.model_copy(
            update={"start": min(low, word.start), "end": max(high, word.end)}
        )
    return wide
