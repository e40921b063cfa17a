#!/usr/bin/env python3
"""
Tests of transcript/recognition words and sentences: tokens get possible times, form sentences.

Usage:
    ./tests/run-tests.sh tests/unit/test_words.py
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.recognition.sentences import Utterance, ends_sentence, regroup
from shared.transcript.recognition.words import (
    TimedToken,
    close_ends,
    interpolate,
    place_words,
    running_text,
    tokens_of_text,
)
from shared.transcript.records.schemas import TIME_TOLERANCE, Segment, SpeechRegion


def token(text: str, start: float | None = None, end: float | None = None) -> TimedToken:
    return TimedToken(text=text, start=start, end=end, confidence=0.9)


def region(start: float, end: float) -> SpeechRegion:
    return SpeechRegion(start=start, end=end, score=0.9)


def unit(*tokens: TimedToken) -> Utterance:
    return Utterance(tokens=tokens, log_probability=-0.2, no_speech=0.1, compression=1.2)


times = st.floats(-5.0, 40.0)
tokens = st.lists(
    st.builds(
        TimedToken,
        text=st.text(st.characters(categories=["L"]), min_size=1, max_size=8),
        start=st.none() | times,
        end=st.none() | times,
    ),
    max_size=20,
)


@st.composite
def speech(draw: st.DrawFn) -> list[SpeechRegion]:
    position, found = 0.0, []
    for _ in range(draw(st.integers(0, 6))):
        position += draw(st.floats(0.1, 6.0))
        length = draw(st.floats(0.2, 6.0))
        found.append(region(position, position + length))
        position += length
    return found


@given(tokens, speech(), st.floats(0.0, 10.0), st.floats(0.0, 20.0))
def test_words_stay_inside_in_order_and_none_is_lost(
    given_tokens: list[TimedToken], regions: list[SpeechRegion], start: float, length: float
) -> None:
    end = start + length
    words = place_words(given_tokens, start=start, end=end, regions=regions, max_pause=0.5)
    assert [word.text for word in words] == [one.text for one in given_tokens]
    position = start
    for word in words:
        assert position - TIME_TOLERANCE <= word.start <= word.end <= end + TIME_TOLERANCE
        position = word.end


@given(tokens, speech())
def test_no_word_crosses_a_pause(
    given_tokens: list[TimedToken], regions: list[SpeechRegion]
) -> None:
    words = place_words(given_tokens, start=0.0, end=60.0, regions=regions, max_pause=0.5)
    for before, after in zip(regions, regions[1:], strict=False):
        if after.start - before.end > 0.5:
            for word in words:
                assert not (
                    word.start < before.end - TIME_TOLERANCE
                    and word.end > after.start + TIME_TOLERANCE
                )


def test_a_word_said_to_begin_before_a_pause_begins_after_it() -> None:
    words = place_words(
        [token("yes.", 1.0, 1.4), token("Later", 1.4, 24.3)],
        start=0.0,
        end=30.0,
        regions=[region(0.9, 1.5), region(24.0, 26.0)],
        max_pause=0.5,
    )
    assert [(w.start, w.end) for w in words] == [(1.0, 1.4), (24.0, 24.3)]


def test_a_word_inside_a_pause_goes_to_the_nearer_speech() -> None:
    words = place_words(
        [token("so", 8.0, 8.4)],
        start=0.0,
        end=10.0,
        regions=[region(0.0, 2.0), region(9.0, 10.0)],
        max_pause=0.5,
    )
    assert words[0].start == 9.0 and words[0].duration > 0


def test_untimed_tokens_share_the_room_between_their_neighbours() -> None:
    timed = interpolate(
        [token("a", 1.0, 2.0), token("12"), token("1234"), token("b", 5.0, 6)], 0, 9
    )
    assert [(t.start, t.end) for t in timed] == [(1, 2), (2, 3), (3, 5), (5, 6)]
    assert [t.source for t in timed] == ["asr", "interpolated", "interpolated", "asr"]


def test_an_untimed_token_without_room_gets_some_from_the_one_before() -> None:
    timed = interpolate([token("boat", 1.0, 1.9), token("27"), token("has", 1.9, 2.2)], 0, 9)
    assert [(t.start, t.end) for t in timed] == [
        (1.0, pytest.approx(1.6)),
        (pytest.approx(1.6), pytest.approx(1.9)),
        (1.9, 2.2),
    ]
    assert [t.source for t in timed] == ["asr", "interpolated", "asr"]


def test_the_last_word_ends_with_the_speech_but_not_in_the_next_segment() -> None:
    def segment(number: int, start: float, end: float) -> Segment:
        words = place_words(
            [token("word", start, end)], start=start, end=end, regions=[], max_pause=1.0
        )
        return Segment(
            id=number, start=start, end=end, text="word", confidence=1, language="en", words=words
        )

    given_segments = [segment(0, 1.0, 2.0), segment(1, 2.2, 3.0), segment(2, 8.0, 9.0)]
    closed = close_ends(given_segments, [region(0.5, 3.4), region(8.0, 20.0)], max_stretch=0.7)
    assert [s.end for s in closed] == pytest.approx([2.2, 3.4, 9.7])
    assert [s.words[-1].end for s in closed] == [s.end for s in closed]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Mr. Dashwood, 27!", ["Mr.", "Dashwood,", "27!"]),
        ("मैं ठीक हूँ।", ["मैं", "ठीक", "हूँ।"]),
        ("今日は。", ["今", "日", "は。"]),
        ("OK東京", ["OK", "東", "京"]),
        ("", []),
    ],
)
def test_text_is_cut_into_tokens(text: str, pieces: list[str]) -> None:
    found = tokens_of_text(text)
    assert [one.text for one in found] == pieces
    assert running_text(found) == text


@given(st.text(max_size=60))
def test_cutting_a_text_loses_nothing(text: str) -> None:
    assert running_text(tokens_of_text(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        ("them.", "He", True),
        ("Mr.", "John", False),
        ("डॉ.", "सेन", False),
        ("J.", "Smith", False),
        ("what?”", "he", True),
        ("well...", "maybe", False),
        ("है।", "और", True),
        ("है", "और", False),
        ("power", "to", False),
        ("end.", "", True),
    ],
)
def test_where_a_sentence_ends(before: str, after: str, ends: bool) -> None:
    assert ends_sentence(before, after) is ends


def words_with_ends(text: str, language: str) -> list[str]:
    """Return the words of a text behind which a sentence ends."""
    words = text.split()
    return [
        word
        for word, after in zip(words, [*words[1:], ""], strict=True)
        if ends_sentence(word, after, language)
    ]


@pytest.mark.parametrize(
    ("language", "text", "ends"),
    [
        ("de", "Wir kommen am 4. November um acht. Dann essen wir.", ["acht.", "wir."]),
        ("de", "Das ist der 3. Versuch und der 2. Platz.", ["Platz."]),
        ("de", "Das kostet 100. Danke, Hr. Maier, z.B. Ihnen.", ["100.", "Ihnen."]),
        ("cs", "Přijdeme 4. listopadu v osm hodin. Ano.", ["hodin.", "Ano."]),
        ("en", "The doors of the U.S. Senate are shut. Yes.", ["shut.", "Yes."]),
        ("en", "He left the U.S. He is well.", ["U.S.", "well."]),
        ("en", "No. I am busy. See No. 5 of it.", ["No.", "busy.", "it."]),
        ("en", "So am I. Let's go, J. R. Smith.", ["I.", "Smith."]),
        ("en", "It was 1947. Snow fell.", ["1947.", "fell."]),
        ("en", "We came 3. Now we are 5. Good.", ["3.", "5.", "Good."]),
        ("hi", "डॉ. सेन और प्रो. राव कल आएँगे। ठीक।", ["आएँगे।", "ठीक।"]),
        ("hi", "श्री. मोहन आर. के. वर्मा घर पर हैं। हाँ।", ["हैं।", "हाँ।"]),
        ("hi", "वह घर पर है. उसने चाय पी. हाँ जी. ठीक.", ["है.", "पी.", "जी.", "ठीक."]),
        ("hi", "जी. एस. राव आए.", ["आए."]),
        ("ru", "Это г. Тверь, ул. Мира. Да.", ["Мира.", "Да."]),
        ("", "Mr. Sen met Dr. Rao. Yes.", ["Rao.", "Yes."]),
    ],
)
def test_a_sentence_ends_where_its_language_ends_it(
    language: str, text: str, ends: list[str]
) -> None:
    assert words_with_ends(text, language) == ends


def test_the_pieces_of_a_sentence_come_together() -> None:
    heard = [
        unit(token("in", 0, 0.4), token("his", 0.4, 0.7), token("power", 0.7, 1.2)),
        unit(token("to", 1.3, 1.5), token("do.", 1.5, 2.0), token("He", 2.4, 2.6)),
        unit(token("was", 2.7, 3.0), token("not", 5.0, 5.2)),
    ]
    found = regroup(heard, max_pause=1.0, max_length=15.0)
    assert [one.text for one in found] == ["in his power to do.", "He was", "not"]


def test_text_without_full_stops_keeps_the_engines_boundaries_at_a_breath() -> None:
    heard = [unit(token("ہم", 0, 1)), unit(token("سب", 1.1, 2)), unit(token("اور", 2.5, 3))]
    found = regroup(heard, max_pause=1.0, max_length=15.0)
    assert [one.text for one in found] == ["ہم سب", "اور"]


@given(st.lists(st.lists(st.floats(0, 3), min_size=1, max_size=6), max_size=6))
def test_regrouping_keeps_every_token_in_order(steps: list[list[float]]) -> None:
    position, heard = 0.0, []
    for row in steps:
        made = []
        for step in row:
            made.append(token("word." if step > 2 else "word", position, position + step / 2))
            position += step
        heard.append(unit(*made))
    found = regroup(heard, max_pause=1.0, max_length=10.0)
    assert [t for one in found for t in one.tokens] == [t for one in heard for t in one.tokens]


SAID = [region(0.0, 4.0), region(6.0, 9.0)]


def placed(start: float, *given: TimedToken) -> list[tuple[float, float]]:
    words = place_words(given, start=start, end=9.0, regions=SAID, max_pause=0.1)
    return [(word.start, word.end) for word in words]


def test_a_sentence_said_to_begin_before_a_pause_begins_after_it() -> None:
    # As Whisper gave it: the sentence before ends at 3.5, this one is sung from 6.0 on.
    moved = placed(3.5, token("I", 3.5, 4.1), token("put", 4.1, 6.4), token("in", 6.4, 7.0))
    assert moved[0][0] == 6.0 and moved[1][1] == 6.4 and moved[2] == (6.4, 7.0)


def test_a_word_before_a_pause_with_a_gap_behind_it_stays() -> None:
    kept = placed(3.5, token("Well,", 3.5, 3.9), token("put", 6.1, 6.4), token("in", 6.4, 7.0))
    assert kept == [(3.5, 3.9), (6.1, 6.4), (6.4, 7.0)]


def test_a_word_alone_in_its_region_stays_there() -> None:
    kept = placed(0.0, token("I", 0.0, 4.1), token("put", 4.1, 6.4))
    assert kept[0][0] == 0.0 and kept[0][1] <= 4.0
    apart = placed(2.0, token("I", 3.5, 4.1), token("put", 4.1, 6.4))
    assert apart[0] == (3.5, 4.0)


def test_a_short_sentence_that_ends_late_stays_before_the_pause() -> None:
    kept = placed(2.0, token("Come", 2.0, 2.4), token("on!", 2.4, 6.1))
    assert kept == [(2.0, 2.4), (2.4, 4.0)]


def test_a_first_word_stretched_over_a_breath_begins_after_it() -> None:
    # The detector hears one stretch of speech; the sentence before ends at 2.0.
    moved = placed(2.0, token("He", 2.0, 2.9), token("might", 2.9, 3.2))
    assert moved == [(pytest.approx(2.6), 2.9), (2.9, 3.2)]
    assert placed(2.0, token("Hello", 2.0, 2.8))[0] == (2.0, 2.8)
    assert placed(0.0, token("He", 0.0, 0.9))[0] == (0.0, 0.9)
