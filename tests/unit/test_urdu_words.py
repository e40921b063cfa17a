#!/usr/bin/env python3
"""Tests of transcript/writing/urdu_words: what neighbours and letters tell of a word."""

from __future__ import annotations

import pytest

from shared.transcript.writing.urdu_words import known_word, with_nuktas


@pytest.mark.parametrize(
    ("clause", "place", "word"),
    [
        ("میں ٹھیک ہوں", 0, "मैं"),
        ("میں گھر میں ہوں", 2, "में"),
        ("آج میں خوش ہوں", 1, "मैं"),
        ("घर میں कोई नहीं", 1, "में"),
        ("جا رہا ہوں میں", 3, "मैं"),
        ("یہ کیا ہے", 1, "क्या"),
        ("کیا تم نے کام کیا", 0, "क्या"),
        ("کیا تم نے کام کیا", 4, "किया"),
        ("تم نے کیا کہا", 2, "क्या"),
        ("اسے گرفتار کیا گیا", 2, "किया"),
        ("کچھ نہیں کیا تم نے", 2, "किया"),
        ("اس نے کہا", 0, "उस"),
        ("اس گھر میں", 0, ""),
        ("بالکل ٹھیک", 0, "बिल्कुल"),
        ("کتاب", 0, ""),
    ],
)
def test_a_word_of_two_meanings_is_told_by_its_clause(clause: str, place: int, word: str) -> None:
    assert known_word(clause.split(), place) == word


@pytest.mark.parametrize(
    ("urdu", "listed", "written"),
    [
        ("زندگی", "जिंदगी", "ज़िंदगी"),
        ("جادو", "जादू", "जादू"),
        ("غلطی", "गलती", "ग़लती"),
        ("فرق", "फर्क", "फ़र्क़"),
        ("پھول", "फूल", "फूल"),
        ("کھانا", "खाना", "खाना"),
        ("خبر", "खबर", "ख़बर"),
        ("پڑھنا", "पढ़ना", "पढ़ना"),
        ("جہاز", "जहाज", "जहाज़"),
        ("ویژن", "विजन", "विजन"),
    ],
)
def test_dots_are_written_where_urdu_has_letters_for_them(
    urdu: str, listed: str, written: str
) -> None:
    assert with_nuktas(urdu, listed) == written
