#!/usr/bin/env python3
"""Tests of shared/subtitles/layout/layout.py: the words of one cue on its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.subtitles.base.profiles import limits_for
from shared.subtitles.layout.layout import break_lines, lay_out, two_voices
from shared.subtitles.layout.line_breaks import break_faults

LIMITS = limits_for("en")
HINDI = limits_for("hi")


def test_what_fits_one_line_stands_on_one() -> None:
    text = "I thought that you were never coming back."
    assert len(text) == 42
    assert break_lines(text, LIMITS) == text


@pytest.mark.parametrize(
    "broken",
    [
        "What brings you to the land\nof the gatekeepers today?",
        "When the morning came,\neverybody was still asleep there.",
        "I have never been to that house\nbecause the captain is angry.",
    ],
)
def test_lines_end_where_the_sentence_lets_them(broken: str) -> None:
    assert break_lines(broken.replace("\n", " "), LIMITS) == broken


def test_a_second_hindi_line_never_begins_behind_its_noun_or_verb() -> None:
    text = "तुम्हारे घर के पास वाले उस पुराने और बड़े पार्क में मैं अकेला बैठा हुआ था।"
    first, second = break_lines(text, HINDI).split("\n")
    assert second.split()[0] not in {"के", "पास", "वाले", "में", "हुआ", "था।"}
    assert f"{first} {second}" == text


def test_even_lines_where_nothing_else_speaks() -> None:
    first, second = break_lines("nine " * 9 + "nine", LIMITS).split("\n")
    assert len(first) == len(second)


def test_as_many_lines_as_are_allowed_and_needed() -> None:
    three = replace(LIMITS, max_line_length=12, max_lines=3)
    assert break_lines("alpha beta gamma delta epsilon", three).count("\n") == 2
    assert break_lines("alpha beta gamma", three).count("\n") == 1
    one = replace(LIMITS, max_line_length=12, max_lines=1)
    assert break_lines("alpha beta gamma", one) == "alpha beta gamma"


def test_notes_stand_at_both_ends_and_count() -> None:
    words = " Twinkle twinkle little star, how I wonder".split()
    lines = lay_out([f" {word}" for word in words], replace(LIMITS, max_line_length=40), "♪")
    assert lines == ["♪ Twinkle twinkle little star,", "how I wonder ♪"]


def test_two_voices_have_a_hyphen_and_a_line_each() -> None:
    assert two_voices([" Coming?"], [" Yes,", " soon."], limits_for("en")) == [
        "-Coming?",
        "-Yes, soon.",
    ]


@pytest.mark.parametrize("word", ["Wait,", "Wait."])
def test_no_line_is_a_name_and_one_word(word: str) -> None:
    words = f"[Vikramaditya] {word}| the| captain's| brother| isn't| here.".split("|")
    lines = lay_out(words, limits_for("en"))
    assert lines == [f"[Vikramaditya] {word} the captain's", "brother isn't here."]
    found = break_faults(f"[Doctor Rao] {word}", "He is here.", "en")
    assert [fault.rule for fault in found] == ["label-word"]
    assert break_faults("[Doctor Rao]", "He is here.", "en") == []
