#!/usr/bin/env python3
"""Tests of scripts/writing/opencc_integration: Chinese in the letters that were asked for."""

from __future__ import annotations

import pytest

from scripts.writing.opencc_integration import (
    in_letters_of,
    transcript_in_letters,
    translation_in_letters,
)
from shared.transcript.records.schemas import Transcript, TranslatedLine, Translation
from tests.support.media_job import segment, words


@pytest.mark.parametrize(
    ("tag", "text", "written"),
    [
        ("zh", "我們說話", "我们说话"),
        ("zh-Hans", "臺灣的電腦軟體", "台湾的电脑软体"),
        ("zh-CN", "裡面乾淨", "里面干净"),
        ("zh-Hant", "我们说话", "我們說話"),
        ("zh-Hant", "头发和发现，后天和皇后", "頭髮和發現，後天和皇后"),
        ("zh-TW", "我们在里面吃面", "我們在裡面吃麵"),
        ("zh-TW", "台湾", "臺灣"),
        ("zh-HK", "我们在里面卫生", "我們在裏面衞生"),
        ("zh-Hant", "皇后說她很乾淨", "皇后說她很乾淨"),
        ("zh-Hant", "他說好, 我们走", "他說好, 我們走"),
        ("zh", "OK，123！", "OK，123！"),
        ("ja", "発見と國", "発見と國"),
        ("en", "hello", "hello"),
    ],
)
def test_letters_are_those_of_the_tag(tag: str, text: str, written: str) -> None:
    assert in_letters_of(tag, text) == written
    assert in_letters_of(tag, written) == written


def test_a_transcript_keeps_the_times_of_its_words_and_what_was_heard() -> None:
    heard = segment(0, 0, 2, "我的頭髮", language="zh", words=words((0, 1, "我的"), (1, 2, "頭髮")))
    other = segment(1, 3, 4, "國と", language="ja")
    transcript = Transcript(
        engine="whisperx", language="zh", model="base", audio_duration=4, segments=[heard, other]
    )
    simple, same = transcript_in_letters(transcript, "zh").segments
    assert (simple.text, simple.heard_text) == ("我的头发", "我的頭髮")
    assert [(one.text, one.start, one.end) for one in simple.words] == [
        ("我的", 0, 1),
        ("头发", 1, 2),
    ]
    assert same == other
    assert transcript_in_letters(transcript, "zh-TW") == transcript


def test_a_translation_between_the_letters_is_one() -> None:
    lines = [
        TranslatedLine(
            id=0, source_text="我们", text="我们", status="same_language", engine="none"
        ),
        TranslatedLine(id=1, source_text="go", text="去里面", status="translated", engine="llm"),
        TranslatedLine(id=2, source_text="人", text="人", status="same_language", engine="none"),
        TranslatedLine(id=3, source_text="x", text="", status="untranslated", engine="none"),
    ]
    made = Translation(source_language="zh", target_language="zh-Hant", engine="llm", lines=lines)
    found = translation_in_letters(made, "zh-Hant").lines
    assert [(one.text, one.status, one.engine) for one in found] == [
        ("我們", "translated", "opencc"),
        ("去裡面", "translated", "llm"),
        ("人", "same_language", "none"),
        ("", "untranslated", "none"),
    ]
