#!/usr/bin/env python3
"""Tests of transcript/writing/other_scripts and split_words, and of what a Hindi line becomes."""

from __future__ import annotations

import pytest

from scripts.whisper.second_pass import _is_same
from shared.transcript.writing.devanagari import (
    Rewritten,
    into_devanagari,
    line_into_devanagari,
)
from shared.transcript.writing.other_scripts import THIRD, read_aloud
from shared.transcript.writing.script_policy import can_be_read, rewritten_segment, tokens_of
from shared.transcript.writing.split_words import joined
from tests.support.hindi import knowledge
from tests.support.media_job import segment, words

FREQUENCIES = {"मैंने": 6.2, "हमने": 5.6, "उसने": 5.8, "जाएंगे": 5.0, "करेंगे": 5.3, "होगा": 6.0}
FREQUENCIES |= {"थाने": 4.2, "आगे": 5.9}


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("சமுंबई", "समुंबई"),
        ("দিল্লি", "दिल्लि"),
        ("ગાંધી", "गांधी"),
        ("ਕਿਤਾਬ", "किताब"),
        ("పని", "पनि"),
        ("ಮನೆ", "मने"),
        ("ਪੰਜਾਬ", "पंजाब"),
        ("ಬೆಂಗಳೂರು", "बेंगलूरु"),
        ("그", "geu"),
        ("他", "ta"),
        ("нет", "net"),
        ("मैं घर में", "मैं घर में"),
        ("office بات", "office بات"),
    ],
)
def test_a_third_script_is_read_by_its_sounds(heard: str, read: str) -> None:
    assert read_aloud(heard) == read


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("में", "ने", "मैंने"),
        ("मैं", "ने", "मैंने"),
        ("हम", "ने", "हमने"),
        ("उस", "ने,", "उसने,"),
        ("जाएं", "गए", "जाएंगे"),
        ("करें", "गे।", "करेंगे।"),
        ("हो", "गा", "होगा"),
        ("राम", "ने", ""),
        ("था", "ने", ""),
        ("आ", "गे", ""),
        ("लोग", "गए", ""),
        ("आ", "गए", ""),
        ("घर", "में", ""),
        ("हो", "गए", ""),
        ("में", "गा", ""),
    ],
)
def test_a_word_cut_in_two_is_one(first: str, second: str, whole: str) -> None:
    assert joined(first, second, lambda word: FREQUENCIES.get(word, 0.0)) == whole


def test_titles_are_written_as_hindi_writes_them() -> None:
    assert line_into_devanagari("Dr. kab aaye", knowledge()) == "डॉ. कब आए"
    assert line_into_devanagari("Dr kab aaye", knowledge()).startswith("डॉ. ")


def test_a_line_with_a_third_script_is_read_whole_and_says_so() -> None:
    line = segment(0, 0, 3, "वह সাথ था", language="hi")
    assert can_be_read(line)
    done = rewritten_segment(line, into_devanagari(tokens_of(line), knowledge()), 0.0)
    assert done.text == "वह साथ था"
    assert "সাথ read by its sounds" in done.script_evidence
    assert not THIRD.search(done.text) and done.script == "repaired"


def test_a_joined_word_has_the_time_of_both() -> None:
    timed = words((0, 1, "Mere"), (1, 2, " mein"), (2, 3, " ne"))
    line = segment(0, 0, 3, "Mere mein ne", language="hi", words=timed)
    pair = [Rewritten("मेरे", "list"), Rewritten("मैंने", "list"), Rewritten("", "kept")]
    made = rewritten_segment(line, pair, 0.0)
    assert [(word.start, word.end) for word in made.words] == [(0, 1), (1, 3)]
    assert made.text.endswith(" मैंने")


def test_two_hearings_in_two_scripts_are_compared_by_their_sounds() -> None:
    assert _is_same("मुझे विश्वास है कि आप सब", "mujhe vishwas hai ki aap sab")
    assert _is_same("लेकिन एक सज्जन गणेश", "lekin ek sajjan ganesh")
    assert not _is_same("लेकिन एक सज्जन गणेश", "thank you for watching")
    assert not _is_same("मुझे विश्वास है", "मैं घर गया था")
