#!/usr/bin/env python3
"""Tests of shared/translation/lines.py and shared/subtitles/shaping/translated.py."""

from __future__ import annotations

import pytest

from shared.core.errors import InputError
from shared.subtitles.shaping.translated import phrases_from_translation
from shared.translation.lines import build_translation, count_lines, segments_to_translate
from tests.support.media_job import by_whisper, segment, transcript, words

FILM = transcript(
    segment(0, 0, 2, "नमस्ते दोस्त", language="hi"),
    segment(2, 3, 5, "Good morning", words=words((3, 4, "Good"), (4, 5, " morning"))),
    segment(5, 6, 8, "ला ला ला", language="hi", is_lyrics=True),
    segment(7, 9, 11, "अच्छा", language="hi"),
    language="hi",
)


def test_only_what_is_in_another_language_needs_translating() -> None:
    assert [s.id for s in segments_to_translate(FILM, "en")] == [0, 5, 7]
    assert [s.id for s in segments_to_translate(FILM, "en-GB")] == [0, 5, 7]
    assert [s.id for s in segments_to_translate(FILM, "hi-Latn")] == [0, 5, 7]
    assert len(segments_to_translate(FILM, "de")) == 4


def test_songs_stay_as_they_are_sung_where_that_is_asked() -> None:
    sung = [s.model_copy(update={"is_lyrics": True}) if s.id == 5 else s for s in FILM.segments]
    film = FILM.model_copy(update={"segments": sung})
    assert [s.id for s in segments_to_translate(film, "en", sung=False)] == [0, 7]
    assert [s.id for s in segments_to_translate(film, "en", sung=True)] == [0, 5, 7]


def test_a_translation_has_one_line_a_segment_with_its_status() -> None:
    texts = {0: "Hello friend", 5: "La la la", 7: ""}
    made = build_translation(FILM, "en", by_whisper(texts))
    assert (made.source_language, made.target_language) == ("hi", "en")
    assert made.engine == "whisper base"
    assert [(line.id, line.text, line.status) for line in made.lines] == [
        (0, "Hello friend", "translated"),
        (2, "Good morning", "same_language"),
        (5, "La la la", "translated"),
        (7, "", "untranslated"),
    ]
    assert [line.source_text for line in made.lines] == [s.text for s in FILM.segments]
    assert made.lines[1].engine == "none"
    assert made.lines[3].note
    assert count_lines([made]) == {
        "translated": 2,
        "by_engine": {"whisper": 2},
        "retried": 1,
        "in_part": 0,
        "untranslated": 1,
    }


def test_phrases_take_the_time_of_their_source() -> None:
    texts = {0: "Hello friend", 5: "La la la", 7: ""}
    phrases = phrases_from_translation(FILM, build_translation(FILM, "en", by_whisper(texts)))
    assert [phrase.text for phrase in phrases] == [
        "Hello friend",
        "Good morning",
        "La la la",
        "[अच्छा]",
    ]
    times = [(phrase.words[0].start, phrase.words[-1].end) for phrase in phrases]
    assert times == [(0, 2), (3, 5), (6, 8), (9, 11)]
    assert [phrase.is_lyrics for phrase in phrases] == [False, False, True, False]
    assert [word.source for word in phrases[1].words] == ["asr", "asr"]


@pytest.mark.parametrize("change", ["missing", "order", "foreign"])
def test_a_translation_of_another_transcript_is_refused(change: str) -> None:
    made = build_translation(FILM, "en", {})
    if change == "missing":
        made.lines.pop()
    elif change == "order":
        made.lines.reverse()
    else:
        made.lines[0] = made.lines[0].model_copy(update={"id": 1})
    with pytest.raises(InputError, match="into en does not match") as caught:
        phrases_from_translation(FILM, made)
    assert "--force translation" in caught.value.hint


def test_nothing_said_is_no_phrase() -> None:
    silent = transcript(segment(0, 0, 1, " ", language="hi"))
    assert segments_to_translate(silent, "en") == []
    made = build_translation(silent, "en", {})
    assert phrases_from_translation(silent, made) == []
