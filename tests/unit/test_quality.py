#!/usr/bin/env python3
"""
Tests of transcript/recognition quality and transcribed: which text is believed, which not.

Usage:
    ./tests/run-tests.sh tests/unit/test_quality.py
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.recognition.invented import FAREWELLS_BY_LANGUAGE
from shared.transcript.recognition.quality import (
    Hypothesis,
    Limits,
    evidence_against,
    looped_lines,
    loops,
    plain,
)
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.recognition.transcribed import TranscriptBuilder
from shared.transcript.recognition.words import TimedToken
from shared.transcript.records.schemas import SpeechRegion

GOOD = Hypothesis(
    text="What brings you to the land of the gatekeepers?",
    confidence=0.75,
    no_speech=0.1,
    compression=0.95,
    speech_score=0.9,
    duration=2.4,
    word_confidence=0.95,
)


def against(**changes: object) -> list[str]:
    return evidence_against(replace(GOOD, **changes), Limits())  # type: ignore[arg-type]


def test_clear_dialogue_is_believed() -> None:
    assert against() == []
    assert against(text="No, no, no!", duration=1.0) == []
    assert against(text="Thank you.", duration=0.8) == []
    assert against(text="Thanks for watching the kids.", duration=1.4) == []
    assert against(text="The legend was written by my father.", duration=1.9) == []
    assert against(text="ہم سب", duration=0.8, confidence=0.5, no_speech=0.71) == []


@pytest.mark.parametrize(
    "text",
    [
        ".",
        "♪♪",
        "",
        "Subtitles by the Amara.org community",
        "Untertitel im Auftrag des ZDF, 2020",
        "ご視聴ありがとうございました",
        "Thanks for watching!",
        "Don't forget to subscribe.",
        "Sous-titres réalisés par la communauté d'Amara.org",
    ],
)
def test_text_nobody_says_in_a_film_is_doubted(text: str) -> None:
    assert against(text=text)


@pytest.mark.parametrize(
    "changes",
    [
        {"no_speech": 0.8, "confidence": 0.3},
        {"compression": 3.1, "speech_score": 0.7},
        {"text": "you know " * 30, "duration": 20.0},
        {"text": "hotel river", "prompt": "Hotel, river"},
        {"duration": 0.2},
        {"confidence": 0.3, "speech_score": 0.1},
        {"text": "Thank you.", "no_speech": 0.7},
        {"text": "Music", "confidence": 0.26},
        {"word_confidence": 0.2, "speech_score": 0.2},
    ],
)
def test_evidence_leads_to_quarantine(changes: dict[str, object]) -> None:
    assert against(**changes)


@pytest.mark.parametrize(
    "changes",
    [{"confidence": 0.3}, {"speech_score": 0.1}, {"no_speech": 0.8}, {"word_confidence": 0.2}],
)
def test_one_soft_sign_alone_is_not_enough(changes: dict[str, object]) -> None:
    assert against(**changes) == []


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "Oh!",
        "No!",
        "Hmm?",
        "हाँ",
        "हाँ!",
        "नहीं।",
        "अरे!",
        "Thank you.",
        "Okay.",
        "شکریہ",
        "谢谢",
    ],
)
def test_short_real_interjections_survive(text: str) -> None:
    spoken = {"text": text, "duration": 0.5, "confidence": 0.3, "word_confidence": 0.3}
    assert against(**spoken) == []
    assert against(**spoken, no_speech=0.25, speech_score=0.75) == []


@pytest.mark.parametrize("text", ["Oh!", "You", "Thank you.", "शुक्रिया", "Bye bye."])
def test_the_same_words_over_music_do_not(text: str) -> None:
    invented = {"text": text, "duration": 1.5, "confidence": 0.3, "word_confidence": 0.1}
    assert against(**invented, no_speech=0.7, speech_score=0.9)
    assert against(**invented, no_speech=0.4, speech_score=0.5)


def test_a_caption_is_no_interjection() -> None:
    assert against(text="[Music]", confidence=0.3)
    assert against(text="संगीत", confidence=0.3)
    assert against(text="Music!") == []


@pytest.mark.parametrize(
    "text",
    [
        "Thank you so much for watching this video.",
        "वीडियो देखने के लिए धन्यवाद!",
        "चैनल को सब्सक्राइब करें।",
        "Merci d'avoir regardé cette vidéo !",
        "Vielen Dank fürs Zuschauen!",
        "¡Gracias por ver el video!",
        "Спасибо за просмотр.",
        "チャンネル登録をお願いいたします",
        "谢谢大家观看",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "시청해주셔서 감사합니다.",
        "شكراً على المشاهدة",
        "دیکھنے کے لیے شکریہ",
    ],
)
def test_farewells_of_video_channels_are_known_in_many_languages(text: str) -> None:
    assert "a line known from training data" in against(text=text)


@pytest.mark.parametrize(
    "text",
    [
        "मदद के लिए धन्यवाद।",
        "Merci d'avoir regardé mes enfants.",
        "Gracias por ver a mi madre.",
        "Thank you for watching over us.",
        "Спасибо за хлеб.",
        "Danke fürs Mitkommen.",
    ],
)
def test_thanks_for_something_else_are_believed(text: str) -> None:
    assert against(text=text) == []


def test_a_farewell_that_is_heard_clearly_is_believed_and_a_credit_is_not() -> None:
    clear = {"confidence": 0.98, "word_confidence": 0.98, "speech_score": 0.99, "no_speech": 0.01}
    assert against(text="Thank you for listening.", **clear) == []
    assert against(text="Subtitles by Amara.org", **clear)
    for doubt in ({"confidence": 0.8}, {"speech_score": 0.6}, {"no_speech": 0.3}):
        assert against(text="Thank you for listening.", **{**clear, **doubt})
    assert against(text="Thank you for listening.", **{**clear, "word_confidence": 0.7})


def test_every_farewell_matches_plain_text() -> None:
    for language, pattern in FAREWELLS_BY_LANGUAGE.items():
        re.compile(pattern)
        assert pattern == pattern.casefold() or language in {"ja", "ko"}, language


def test_more_evidence_may_be_asked_for_and_known_from_elsewhere() -> None:
    doubtful = replace(GOOD, confidence=0.3)
    assert evidence_against(doubtful, Limits(), enough=1) == ["low confidence (0.30)"]
    elsewhere = ["another hearing has it otherwise"]
    assert evidence_against(doubtful, Limits(), known=elsewhere) == [
        *elsewhere,
        "low confidence (0.30)",
    ]
    assert evidence_against(GOOD, Limits(), enough=1) == []


def test_lines_that_go_round_in_a_circle() -> None:
    said = ["What is it?", "I am sorry about that.", *["We go to the river."] * 5, "Good."]
    assert looped_lines(said) == {3: 5, 4: 5, 5: 5, 6: 5}
    verse = ["Come here to me.", "Go away from me."] * 4
    assert sorted(looped_lines(verse)) == [2, 3, 4, 5, 6, 7]
    assert looped_lines(["No!"] * 7) == {}
    assert sorted(looped_lines(["No!"] * 8)) == list(range(1, 8))
    assert looped_lines(["We go to the river."] * 3 + ["So?"]) == {}
    assert looped_lines([""] * 20) == {} == looped_lines([])


@given(st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12))
def test_lines_that_differ_are_no_loop(lines: list[str]) -> None:
    assert looped_lines(lines) == {}


def test_loops() -> None:
    assert loops(plain("Vijay Parab Thakare, " * 5))
    assert not loops(plain("Row, row, row your boat gently down the stream"))
    assert not loops("")


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
def test_words_that_differ_never_loop(words: list[str]) -> None:
    assert not loops(" ".join(words))


@given(st.text(max_size=40))
def test_plain_text_is_stable(text: str) -> None:
    once = plain(text)
    assert " ".join(once.split()) == once
    assert all(c == " " or c.isalnum() or not c.isascii() for c in once)


def utterance(text: str, start: float, confidence: float, no_speech: float) -> Utterance:
    tokens = tuple(
        TimedToken(word, start + 0.3 * i, start + 0.3 * i + 0.3, confidence)
        for i, word in enumerate(text.split())
    )
    return Utterance(
        tokens, log_probability=math.log(confidence), no_speech=no_speech, compression=1.0
    )


def test_the_builder_keeps_what_it_does_not_believe_with_its_evidence() -> None:
    builder = TranscriptBuilder(
        regions=[SpeechRegion(start=1.0, end=4.0, score=0.9)],
        limits=Limits(),
        prompt="",
        max_pause=0.5,
    )
    heard = [utterance("Who goes there?", 0.8, 0.9, 0.1), utterance("Bye bye.", 3.0, 0.2, 0.9)]
    builder.add(heard, "en", start=0.8, end=4.2)
    segments, quarantined = builder.result()
    assert [(s.id, s.text) for s in segments] == [(0, "Who goes there?")]
    assert segments[0].start == 1.0 and segments[0].words[0].start == 1.0
    assert segments[0].confidence == pytest.approx(0.9)
    assert [q.text for q in quarantined] == ["Bye bye."]
    assert any("no speech" in reason for reason in quarantined[0].evidence)


def builder(*regions: tuple[float, float]) -> TranscriptBuilder:
    """Return a builder with speech at these times."""
    return TranscriptBuilder(
        regions=[SpeechRegion(start=start, end=end, score=0.9) for start, end in regions],
        limits=Limits(),
        prompt="",
        max_pause=0.5,
    )


def test_a_loop_over_many_segments_is_quarantined_but_for_the_first_time() -> None:
    made = builder((0.0, 60.0))
    for number in range(5):
        heard = [utterance("We go to the river now.", 4.0 * number, 0.9, 0.7)]
        made.add(heard, "en", start=4.0 * number, end=4.0 * number + 4)
    made.add([utterance("Good.", 30.0, 0.9, 0.1)], "en", start=30.0, end=32.0)
    segments, quarantined = made.result()
    assert [(one.id, one.text) for one in segments] == [
        (0, "We go to the river now."),
        (1, "Good."),
    ]
    assert [round(one.start) for one in quarantined] == [4, 8, 12, 16]
    assert quarantined[0].evidence[0] == "the same words 5 times in turn"


def test_a_refrain_that_is_clearly_heard_is_no_loop() -> None:
    made = builder((0.0, 60.0))
    for number in range(5):
        heard = [utterance("We go to the river now.", 4.0 * number, 0.9, 0.1)]
        made.add(heard, "en", start=4.0 * number, end=4.0 * number + 4)
    assert [len(found) for found in made.result()] == [5, 0]


def test_the_same_line_eight_times_is_a_loop_however_clear() -> None:
    made = builder((0.0, 60.0))
    for number in range(8):
        heard = [utterance("We go to the river now.", 4.0 * number, 0.9, 0.1)]
        made.add(heard, "en", start=4.0 * number, end=4.0 * number + 4)
    assert [len(found) for found in made.result()] == [1, 7]


def test_what_is_heard_again_takes_its_place_in_time() -> None:
    made = builder((1.0, 3.0), (5.0, 7.0), (9.0, 11.0))
    made.add([utterance("Who goes there?", 1.0, 0.9, 0.1)], "en", start=1.0, end=3.0)
    made.add([utterance("It is me.", 9.0, 0.9, 0.1)], "en", start=9.0, end=11.0)
    lost, *_ = [one for one in made.worth_second_pass() if one.start == 5.0]
    before, after = made.neighbours(lost)
    assert before and after and (before.text, after.text) == ("Who goes there?", "It is me.")
    made.add_again([utterance("Speak, friend.", 5.2, 0.9, 0.1)], "en", lost)
    segments, quarantined = made.result()
    assert [one.text for one in segments] == ["Who goes there?", "Speak, friend.", "It is me."]
    assert [one.id for one in segments] == [0, 1, 2] and quarantined == []


@pytest.mark.parametrize(
    ("confidence", "no_speech", "doubts"),
    [(0.3, 0.1, []), (0.9, 0.7, []), (0.9, 0.1, ["another hearing has nothing"])],
)
def test_what_is_heard_again_is_believed_only_without_any_doubt(
    confidence: float, no_speech: float, doubts: list[str]
) -> None:
    made = builder((5.0, 7.0))
    (lost,) = made.worth_second_pass()
    heard = [utterance("Speak, friend.", 5.2, confidence, no_speech)]
    made.add_again(heard, "en", lost, doubts)
    segments, quarantined = made.result()
    assert segments == [] and len(quarantined) == 1 and quarantined[0].evidence
    made.add_again(heard, "en", lost, doubts)
    assert len(made.result()[1]) == 1


# What Whisper base made of one phrase of 1.6 s four times without a pause, as it was spoken.
AGAIN = replace(
    GOOD,
    text="And Mr. John Dashwood, and Mr. John Dashwood, and Mr. John Dashwood, "
    "and Mr. John Dashwood,",
    confidence=0.78,
    no_speech=0.07,
    compression=2.68,
    speech_score=0.99,
    duration=6.36,
    word_confidence=0.92,
)


# Another, which became five lines under one window's figures; the fifth was never said.
IN_LINES = replace(
    AGAIN,
    text="Mr. John Dashwood had them.",
    confidence=0.766,
    no_speech=0.52,
    compression=3.56,
    duration=1.54,
    word_confidence=0.72,
)


def test_a_phrase_that_somebody_says_four_times_is_speech() -> None:
    assert evidence_against(AGAIN, Limits()) == []
    assert evidence_against(IN_LINES, Limits()) == []
    assert evidence_against(replace(IN_LINES, duration=0.2), Limits())


@pytest.mark.parametrize(
    "changes",
    [
        {"speech_score": 0.6},
        {"no_speech": 0.65},
        {"word_confidence": 0.5},
        {"word_confidence": None},
        {"confidence": 0.5},
        {"duration": 3.0},
        {"text": AGAIN.text * 3, "duration": 19.0},
        {"compression": 4.0},
    ],
)
def test_a_loop_that_is_not_clearly_heard_is_none(changes: dict[str, object]) -> None:
    doubted = replace(AGAIN, **changes)  # type: ignore[arg-type]
    assert "repeats itself" in " ".join(evidence_against(doubted, Limits()))
