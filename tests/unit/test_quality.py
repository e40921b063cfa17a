#!/usr/bin/env python3
"""
Tests of shared.transcript.quality and transcribed: which text is believed, which is quarantined.

Usage:
    ./tests/run-tests.sh tests/unit/test_quality.py
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.quality import Claim, Limits, evidence_against, loops, plain
from shared.transcript.schemas import SpeechRegion
from shared.transcript.sentences import Utterance
from shared.transcript.transcribed import TranscriptBuilder
from shared.transcript.words import TimedToken

GOOD = Claim(
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
        {"compression": 3.1},
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
