#!/usr/bin/env python3
"""Tests of shared/transcript/writing/hinglish.py and devanagari.py."""

from __future__ import annotations

import pytest

from shared.transcript.writing.devanagari import into_devanagari, line_into_devanagari
from shared.transcript.writing.hindi_sounds import HindiLexicon
from shared.transcript.writing.hinglish import label_words
from tests.support.hindi import WORDS, english, knowledge

LEXICON = HindiLexicon(WORDS)


def tongues(line: str) -> str:
    """Return h or e for each word of a line."""
    return "".join(one.tongue[0] for one in label_words(line.split(), LEXICON, english))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("hum office late aaye the", "heehh"),
        ("is ghar mein log the", "hhhhh"),
        ("the office is not here now", "eeeeee"),
        ("what are you doing", "eeee"),
        ("main ghar ja raha hoon", "hhhhh"),
        ("sorry I have to do the meeting", "eeeeeee"),
        ("meeting cancel ho raha hai", "eehhh"),
        ("to do log kahan the", "hhhhh"),
        ("हम office जा रहे हैं", "hehhh"),
        ("TV kahan hai", "ehh"),
    ],
)
def test_neighbours_decide_what_words_of_both_languages_are(line: str, expected: str) -> None:
    assert tongues(line) == expected


def test_no_words_no_labels() -> None:
    assert label_words([], LEXICON, english) == []


def test_ki_after_a_verb_of_saying_is_that_and_else_of() -> None:
    labels = label_words("kaha ki ghar ki baat".split(), LEXICON, english)
    assert [one.devanagari for one in labels] == ["कहा", "कि", "घर", "की", "बात"]


def test_a_line_keeps_its_english_its_spaces_and_its_punctuation() -> None:
    line = "tum  office kab aaye, bhai? (late!)"
    assert line_into_devanagari(line, knowledge()) == "तुम  office कब आए, भाई? (late!)"


def test_a_word_the_list_does_not_know_is_asked_of_the_model() -> None:
    made = into_devanagari(["sakshatkar", "hai"], knowledge())
    assert [(one.text, one.origin) for one in made] == [("साक्षात्कार", "model"), ("है", "list")]


def test_a_word_nobody_knows_stays() -> None:
    made = into_devanagari(["tum", "zzyxq", "ho"], knowledge())
    assert [one.text for one in made] == ["तुम", "zzyxq", "हो"]
    assert made[1].origin == "kept"


def test_urdu_letters_punctuation_and_numbers() -> None:
    made = into_devanagari(["نہیں،", "۱۲", "دسمی۔"], knowledge())
    assert [one.text for one in made] == ["नहीं,", "12", "दसमी।"]
    assert [one.origin for one in made] == ["list", "kept", "letters"]


def test_english_words_are_spelt_as_hindi_when_asked() -> None:
    tokens = "tum phone kab".split()
    assert [one.text for one in into_devanagari(tokens, knowledge())][1] == "phone"
    made = into_devanagari(tokens, knowledge(), keep_english=False)
    assert (made[1].text, made[1].origin) == ("फ़ोन", "model")


def test_every_token_stays_a_token() -> None:
    tokens = ["", "—", "tum-hum", "ok...", "10%", "bhai’s"]
    made = into_devanagari(tokens, knowledge())
    assert len(made) == len(tokens)
    assert made[2].text == "तुम-हम"
    assert all(bool(one.text) == bool(token) for one, token in zip(made, tokens, strict=True))
