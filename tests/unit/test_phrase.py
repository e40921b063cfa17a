#!/usr/bin/env python3
"""Tests of shared/subtitles/base/phrase.py: segments and translations as timed words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.subtitles.base.phrase import phrase_from_segment, phrase_from_text
from shared.transcript.records.schemas import TimeSpan
from tests.support.examples import examples
from tests.support.media_job import segment, words


def test_words_keep_their_times_and_spaces() -> None:
    spoken = words((1, 1.4, "It's,"), (1.5, 2, "well"), (2, 2.1, "."))
    phrase = phrase_from_segment(segment(0, 1, 3, "It's, well.", words=spoken))
    assert phrase.text == "It's, well."
    assert [(word.start, word.end) for word in phrase.words] == [(1, 1.4), (1.5, 2), (2, 2.1)]


def test_without_words_the_time_is_shared_by_length() -> None:
    phrase = phrase_from_segment(segment(0, 0, 10, "aaaa bbbb", is_lyrics=True, speaker="A"))
    assert [(word.start, word.end) for word in phrase.words] == [(0, 5), (5, 10)]
    assert phrase.is_lyrics and phrase.speaker == "A"


def test_a_correction_made_by_hand_is_shown() -> None:
    heard = words((1, 2, "Hallo"), (2, 3, " wold"))
    phrase = phrase_from_segment(segment(0, 1, 3, "Hello, world!", words=heard))
    assert phrase.text == "Hello, world!"
    assert (phrase.words[0].start, phrase.words[-1].end) == (1, 3)


def test_a_translation_keeps_the_pauses_of_its_source() -> None:
    """Half of the source is said before the pause, so is half of the translation."""
    source = words((1, 2, "Guten"), (2, 3, " Abend."), (8, 9, " Wo"), (9, 10, " sind"))
    span = TimeSpan(start=1, end=10)
    phrase = phrase_from_text("Good evening. Where to?", span, source=source)
    starts = {word.text.strip(): word.start for word in phrase.words}
    assert starts["Good"] == 1
    assert starts["Where"] >= 8
    assert phrase.words[1].end <= 3
    assert phrase.words[-1].end == 10


@examples(100)
@given(
    st.text(st.characters(categories=["L", "N", "Zs"])),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), max_size=6),
)
def test_times_stay_inside_and_in_order(text: str, spans: list[tuple[float, float]]) -> None:
    now, source = 2.0, []
    for pause, length in spans:
        source += words((now + pause, now + pause + length, "word"))
        now += pause + length
    span = TimeSpan(start=2, end=now + 1)
    phrase = phrase_from_text(text, span, source=source)
    times = [time for word in phrase.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert all(span.start <= time <= span.end for time in times)


def test_unspaced_scripts_are_timed_by_characters() -> None:
    phrase = phrase_from_text("東京へ。", TimeSpan(start=0, end=4))
    assert [word.text for word in phrase.words] == [" 東", "京", "へ。"]
    assert phrase.text == "東京へ。"
    assert phrase.words[1].start == pytest.approx(1.6)
