#!/usr/bin/env python3
"""
Tests of shared.subtitles.base.chunks: where a line may end in scripts without spaces.

Usage:
    ./tests/run-tests.sh tests/unit/test_chunks.py
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.subtitles.base.chunks import chunks, running_words
from shared.subtitles.base.phrase import phrase_from_segment
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.layout.layout import break_lines
from shared.subtitles.layout.tidy import laid_out
from shared.transcript.records.schemas import Segment, Word

# Sentences with "|" wherever a line may end; none ends inside a word or in front of a particle.
SENTENCES = [
    (
        "ja",
        26,
        "ファイルを|投稿するか、|クリアチェックボックスを|チェックするか|どちらかを|選択してください。",
    ),
    ("ja", 26, "問題が|続くようなら|バグレポートを|出す|必要が|あるかも|しれません。"),
    ("ja", 20, "昨日の|夜、|駅の|前で|彼女を|見かけたんだけど、|声を|かけられなかった。"),
    (
        "zh-Hant",
        32,
        "如果您|未|收到|電子郵件，|請|確認|您|輸入|的|電子郵件|地址|與您|註冊|時|輸入|的|一致。",
    ),
    ("zh", 20, "我|昨天|晚上|在|火车站|门口|看见|她|了，|但是|没有|跟|她|说话。"),
    ("th", 35, "อัพโหลด|รูป|ที่|ถูกต้อง.| ไฟล์|ที่|อัพโหลด|ไป|ไม่|ใช่|รูป| หรือ|รูป|เสียหาย."),
    ("lo", 20, "ຂ້ອຍ|ຈະ|ໄປ|ສະໜາມບິນ|ກັບ|ເພື່ອນ|ຂອງ|ຂ້ອຍ|ໃນ|ມື້ອື່ນ"),
    ("km", 20, "ខ្ញុំ|នឹង|ទៅ|ផ្សារ|ជាមួយ|មិត្តភក្តិ|របស់|ខ្ញុំ|នៅ|ថ្ងៃស្អែក។"),
    ("my", 22, "ကျွန်တော်| မနက်ဖြန်| သူငယ်ချင်း|နဲ့| လေဆိပ်|ကို|သွား|မယ်။"),
    ("th", 35, "ไม่|ได้|รับ|อนุญาต|ให้|ใช้| Directory| indexes| ที่|นี่"),
]
LANGUAGES = ["ja", "zh", "zh-TW", "yue", "th", "lo", "my", "en", "hi", "und", ""]
LETTERS = st.text(
    st.sampled_from("今日はいい天気。、「」ーっゃ我们的，“”ไม่ได้รับ ABCde'.!?()…\n्क"), max_size=60
)


@pytest.mark.parametrize(("language", "length", "marked"), SENTENCES)
def test_a_line_ends_between_words(language: str, length: int, marked: str) -> None:
    text = marked.replace("|", "")
    limits = replace(limits_for(language), max_line_length=length)
    lines = break_lines(text, limits).split("\n")
    assert len(lines) == 2
    parts = [part.strip() for part in marked.split("|")]
    allowed = {len("".join(parts[:number]).replace(" ", "")) for number in range(len(parts))}
    assert len(lines[0].replace(" ", "")) in allowed, lines


def test_the_letters_were_cut_anywhere_before() -> None:
    # What the pieces are without a model: a line could end in front of any of them.
    assert chunks("今日は天気です。", "") == list("今日は天気で") + ["す。"]
    assert chunks("今日は天気です。", "ja") == ["今日は", "天気です。"]


@example("ด?्”", "th")
@example("?ั”", "lo")
@given(LETTERS | st.text(max_size=40), st.sampled_from(LANGUAGES))
def test_nothing_is_lost_and_no_mark_comes_first(text: str, language: str) -> None:
    words = running_words(text, language)
    assert "".join("".join(words).split()) == "".join(text.split())
    for word in text.split():
        first, *others = chunks(word, language)
        assert first + "".join(others) == word
        assert not any(unicodedata.category(other[0])[0] == "M" for other in others)
        assert not any(other[0] in "。、，」”" for other in others if not other[0].isascii())


@pytest.mark.parametrize("language", ["ja", "zh", "th"])
def test_what_no_model_can_part_still_fits_its_lines(language: str) -> None:
    limits = replace(limits_for(language), max_line_length=24)
    lines = break_lines("".join(chr(ord("一") + 7 * n) for n in range(40)), limits).split("\n")
    assert len(lines) == 2 and all(limits.line_length(line) <= 24 for line in lines)


def spoken(language: str, *words: tuple[float, float, str]) -> Segment:
    timed = [Word(start=start, end=end, text=text) for start, end, text in words]
    text = "".join(word.text for word in timed)
    return Segment(
        id=0, start=timed[0].start, end=timed[-1].end, text=text, confidence=0.9,
        language=language, words=timed,
    )  # fmt: skip


def test_what_a_recogniser_gave_letter_by_letter_is_joined_to_words() -> None:
    letters = [(n * 0.2, n * 0.2 + 0.2, letter) for n, letter in enumerate("今日は天気です。")]
    phrase = phrase_from_segment(spoken("ja", *letters))
    assert [word.text for word in phrase.words] == ["今日は", "天気です。"]
    assert [(word.start, round(word.end, 1)) for word in phrase.words] == [(0.0, 0.6), (0.6, 1.6)]


def test_a_pause_parts_what_the_model_holds_together() -> None:
    said = spoken("ja", (0.0, 0.2, "今"), (0.2, 0.4, "日"), (2.4, 2.6, "は"), (2.6, 3.0, "晴れ"))
    assert [word.text for word in phrase_from_segment(said).words] == ["今日", "は", "晴れ"]


def test_two_lines_of_japanese_become_one_without_a_space() -> None:
    limits = limits_for("ja")
    assert laid_out("今日は\n天気です。", limits) == "今日は天気です。"
    assert laid_out("Today it\nis fine.", limits_for("en")) == "Today it is fine."
