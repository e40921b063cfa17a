#!/usr/bin/env python3
"""
Shaping: from timed words to cues that fit the screen and can be read.

Where cues end is chosen for the whole track at once, so that all costs together are the least;
then every cue is laid out on its lines and gets its times.

Usage:
    from shared.subtitles.shaping.shaping import shape_cues

    cues = shape_cues(phrases, limits, cuts=[12.04, 15.5])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.phrase import Phrase
from shared.subtitles.base.profiles import ReadingLimits
from shared.subtitles.layout.layout import lay_out, two_voices
from shared.subtitles.layout.tidy import FULL_STOPS
from shared.subtitles.shaping.cue_costs import cheapest_cues
from shared.subtitles.shaping.cue_timing import Spoken, settle_times
from shared.subtitles.shaping.turns import split_turns
from shared.subtitles.shaping.word_stream import WordStream
from shared.transcript.languages.alphabets import UNSPACED_LETTER
from shared.transcript.languages.symbols import NOTE_SIGNS
from shared.transcript.recognition.sentences import ends_sentence
from shared.transcript.records.schemas import Word

NOTES = NOTE_SIGNS + "# "
DASHES_ALONE = regex.compile(r"\s*[-‐‑–—―]+\s*")
# None ends a line of a song; so no word of one has any.
FULL_STOP = regex.compile(f"(?<![{FULL_STOPS}])[{FULL_STOPS}]$")


def shape_cues(
    phrases: Sequence[Phrase],
    limits: ReadingLimits,
    cuts: Sequence[float] | None = None,
    film_end: float | None = None,
) -> list[Cue]:
    """Return the cues of one subtitle file, in order, never overlapping.

    Args:
        phrases: In order of time; where they overlap, cues follow one another by their starts.
        limits: What cues keep to.
        cuts: Times of shot changes in seconds; None = there is no picture, and no frames.
        film_end: Nothing is shown after it; seconds, None when not known.

    Returns:
        Every word once; a cue that breaks a limit tells why.
    """
    ordered = sorted(
        (shown for phrase in split_turns(phrases) if (shown := _as_shown(phrase)).words),
        key=lambda phrase: phrase.words[0].start,
    )
    if not ordered:
        return []
    stream = WordStream.of(ordered, limits)
    spoken = [_spoken(stream, first, last, limits) for first, last in cheapest_cues(stream, limits)]
    return settle_times(sorted(spoken, key=lambda one: one.start), limits, cuts, film_end)


def _spoken(stream: WordStream, first: int, last: int, limits: ReadingLimits) -> Spoken:
    """Return the text and the words of one cue."""
    words = stream.words[first:last]
    return Spoken(
        start=words[0].start,
        end=max(word.end for word in words),
        text="\n".join(_lines(stream, first, last, limits)),
        is_lyrics=bool(stream.sung[first]),
        words=tuple(words),
        speakers=_speakers(stream, first, last),
    )


def _speakers(stream: WordStream, first: int, last: int) -> tuple[str | None, ...]:
    """Return who says one cue: one, or two with a line each; songs are nobody's."""
    if stream.sung[first]:
        return ()
    for place in range(first + 1, last):
        if stream.turns[place]:
            return stream.speakers[place - 1], stream.speakers[place]
    known = {one for one in stream.speakers[first:last] if one is not None}
    return (known.pop(),) if len(known) == 1 else ()


def _lines(stream: WordStream, first: int, last: int, limits: ReadingLimits) -> list[str]:
    """Return the lines of one cue."""
    words = [word.text for word in stream.words[first:last]]
    for place in range(first + 1, last):
        if stream.turns[place]:
            return two_voices(words[: place - first], words[place - first :], limits)
    if not stream.sung[first]:
        return lay_out(words, limits)
    if not "".join(words).strip(NOTES):
        return [limits.note]
    return lay_out(words, limits, dress=limits.note)


def _as_shown(phrase: Phrase) -> Phrase:
    """Return a phrase without blank words; of a song, with its words as they will be shown.

    Args:
        phrase: As recognised; a sung phrase of notes alone keeps one.
    """
    words = _whole_words(word for word in phrase.words if word.text.strip())
    if phrase.is_lyrics:
        shown = [_reworded(word, FULL_STOP.sub("", word.text.strip(NOTES))) for word in words]
        words = [word for word in shown if word.text.strip()] or words[:1]
    return replace(phrase, words=tuple(words))


def _whole_words(tokens: Iterable[Word]) -> list[Word]:
    """Return words as they are written: what a recogniser gave in pieces ("ill", "-disposed")."""
    words: list[Word] = []
    for token in map(_on_one_line, tokens):
        apart = not words or (token.text[:1].isspace() and not _goes_on(words[-1], token))
        if apart or UNSPACED_LETTER.search(words[-1].text + token.text):
            words.append(token)
        else:
            text, end = words[-1].text.rstrip() + token.text, max(words[-1].end, token.end)
            words[-1] = words[-1].model_copy(update={"text": text, "end": end})
    return words


def _on_one_line(word: Word) -> Word:
    """Return a word without line ends of its own, which somebody's correction may hold."""
    text = word.text
    return _reworded(word, " ".join(text.split())) if len(text.splitlines()) > 1 else word


def _goes_on(before: Word, token: Word) -> bool:
    """Return whether a token is a dash inside a sentence; after one it is the next speaker's."""
    inside = not ends_sentence(before.text.strip(), "")
    return inside and DASHES_ALONE.fullmatch(token.text) is not None


def _reworded(word: Word, text: str) -> Word:
    """Return a word with another text, written apart from the word before it as before."""
    spaced = " " + text if word.text[:1].isspace() else text
    return word if spaced == word.text else word.model_copy(update={"text": spaced})
