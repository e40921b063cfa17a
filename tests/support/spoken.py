#!/usr/bin/env python3
"""
Spoken: streams of words as speech may come, drawn by hypothesis.

Usage:
    from tests.support.spoken import speech

    @given(speech())
    def test_any(phrases): ...
"""

from __future__ import annotations

from hypothesis import strategies as st

from shared.subtitles.base.phrase import Phrase
from shared.transcript.records.schemas import Word

NAMES = ["I", "am", "going", "home,", "now.", "क्यों?", "नमस्ते", "straightforward", "Dr.", "1947"]
NAMES += ["the", "में", "है", "and", "Peter"]
PAUSES = [0.0, 0.0, 0.0, 0.05, 0.4, 1.1, 6.0]


@st.composite
def speech(
    draw: st.DrawFn,
    longest: float = 2.0,
    most_words: int = 20,
    speakers: tuple[str | None, ...] = (None, "A", "B"),
    sung: bool = True,
) -> list[Phrase]:
    """Draw phrases whose words follow one another, with pauses, some of them sung.

    Args:
        draw: Hypothesis's.
        longest: Seconds of a word at most.
        most_words: Words of a phrase at most.
        speakers: Who may speak.
        sung: Whether some are sung.
    """
    phrases: list[Phrase] = []
    now = draw(st.floats(0, 5))
    for _ in range(draw(st.integers(1, 3))):
        words: list[Word] = []
        for number in range(draw(st.integers(1, most_words))):
            now += draw(st.sampled_from(PAUSES))
            length = draw(st.floats(0.0, longest))
            text = ("" if number == 0 else " ") + draw(st.sampled_from(NAMES))
            words.append(Word(start=now, end=now + length, text=text))
            now += length
        is_lyrics = sung and draw(st.booleans())
        phrases.append(Phrase(tuple(words), is_lyrics, draw(st.sampled_from(speakers))))
    return phrases
