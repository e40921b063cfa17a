#!/usr/bin/env python3
"""Tests of shared/transcript/writing/hindi_sounds.py and hindi_letters.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.writing.hindi_letters import devanagari_sounds, urdu_letters_as_devanagari
from shared.transcript.writing.hindi_sounds import (
    ROMAN,
    URDU,
    HindiLexicon,
    roman_sounds,
    spelling_cost,
)
from tests.support.hindi import WORDS

LEXICON = HindiLexicon(WORDS)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("nahi", "नहीं"),
        ("nahin", "नहीं"),
        ("bohot", "बहुत"),
        ("bahut", "बहुत"),
        ("accha", "अच्छा"),
        ("achha", "अच्छा"),
        ("main", "मैं"),
        ("mein", "में"),
        ("bhai", "भाई"),
        ("ladka", "लड़का"),
        ("larka", "लड़का"),
        ("kahan", "कहाँ"),
        ("aap", "आप"),
        ("dharma", "धर्म"),
        ("zindagi", "ज़िंदगी"),
    ],
)
def test_a_word_is_found_however_it_is_typed(typed: str, word: str) -> None:
    assert LEXICON.find(typed, ROMAN)[0].word == word


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("نہیں", "नहीं"),
        ("بھارت", "भारत"),
        ("کرتا", "करता"),
        ("کی", "की"),
        ("کے", "के"),
        ("زیادہ", "ज़्यादा"),
        ("گندگی", "गंदगी"),
        ("کام", "काम"),
        ("کم", "कम"),
        ("میں", "में"),
    ],
)
def test_a_word_in_urdu_letters_is_found_without_its_short_vowels(written: str, word: str) -> None:
    assert LEXICON.find(written, URDU)[0].word == word


def test_what_does_not_sound_alike_is_not_found() -> None:
    assert LEXICON.find("xylophone", ROMAN) == []
    assert LEXICON.find("", ROMAN) == []
    assert LEXICON.find("東京", ROMAN) == []


def test_the_misspelling_without_its_nasal_gives_way() -> None:
    found = [one.word for one in LEXICON.find("nahi", ROMAN)]
    assert "नही" not in found
    assert LEXICON.frequency("नही") == WORDS["नही"]


def test_sounds_of_devanagari() -> None:
    assert devanagari_sounds("बहुत") == ["bəhut"]
    assert devanagari_sounds("लड़का") == ["lədəkA", "lərəkA"]
    assert devanagari_sounds("लंबा") == ["ləmbA"]
    assert devanagari_sounds("हैं") == ["hEn"]


def test_urdu_letters_stand_for_themselves_where_no_word_is_known() -> None:
    assert urdu_letters_as_devanagari("دسمی") == "दसमी"
    assert urdu_letters_as_devanagari("بھیتر") == "भीतर"
    assert urdu_letters_as_devanagari("آواز") == "आवाज़"
    assert urdu_letters_as_devanagari("بیزیادہ") == "बीज़यादा"
    assert urdu_letters_as_devanagari("گھوڑا") == "घोड़ा"
    assert urdu_letters_as_devanagari("abc") == ""


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=12))
def test_a_spelling_costs_nothing_against_itself_and_never_less(typed: str) -> None:
    sounds = roman_sounds(typed)
    assert spelling_cost(sounds, sounds) == 0.0
    assert spelling_cost(sounds, sounds + "a") >= 0.0
    assert spelling_cost(sounds, sounds + "k") > 2.0


@given(st.text(alphabet="abcdefgh", max_size=6), st.text(alphabet="abcdefgh", max_size=6))
def test_the_cost_is_the_same_both_ways(one: str, other: str) -> None:
    assert spelling_cost(one, other) == pytest.approx(spelling_cost(other, one))
