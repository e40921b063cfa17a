#!/usr/bin/env python3
"""Tests of shared/transcript/writing/loan_words.py, loan_list.py and english_sounds.py."""

from __future__ import annotations

import pytest

from shared.transcript.writing.devanagari import Rewritten
from shared.transcript.writing.english_sounds import EnglishSpellings, english_sounds
from shared.transcript.writing.loan_list import LOANS, NOT_ENGLISH
from shared.transcript.writing.loan_words import Loan, english_for, loans_in_latin, without_nukta
from shared.transcript.writing.script_policy import (
    can_be_read,
    join_rewritten,
    rewritten_segment,
    split_rewritten,
    tokens_of,
)
from tests.support.media_job import segment, words

ENGLISH = {
    **{"station": 5.0, "ticket": 4.6, "film": 5.2, "production": 5.1, "office": 5.4, "hall": 4.9},
    **{"police": 5.3, "bus": 4.8, "pass": 5.1, "goal": 5.1, "sleep": 5.0, "slip": 4.3, "low": 5.3},
    **{"late": 5.3, "let": 5.6, "cutter": 3.6, "friend": 5.4, "traffic": 4.9, "canteen": 4.1},
    **{"government": 5.6, "talk": 5.4, "take": 5.9, "computer": 5.0, "sure": 5.7, "sorry": 5.2},
}
HINDI = {"बस": 5.9, "पास": 5.9, "गोल": 4.7, "स्टेशन": 5.0, "लो": 5.5, "फ़िल्म": 5.0, "कट्टर": 4.5}
HINDI |= {"ऑफिस": 8.0, "दोस्त": 5.2, "अस्पताल": 5.2}
SPELLINGS = EnglishSpellings(ENGLISH)


def hindi(word: str) -> float:
    """Return the Zipf frequency of a Hindi word, 0.0 for an unknown one."""
    return HINDI.get(word, 0.0)


def find(word: str) -> Loan | None:
    """Return the English word that a word is."""
    return english_for(word, SPELLINGS, hindi)


@pytest.mark.parametrize(
    ("word", "english"),
    [
        ("स्टेशन", "station"),
        ("प्रोडक्शन", "production"),
        ("फ्रेंड", "friend"),
        ("गवर्नमेंट", "government"),
        ("ट्रैफ़िक", "traffic"),
        ("स्लिप", "slip"),
        ("टॉक", "talk"),
        ("कंप्यूटर", "computer"),
    ],
)
def test_english_is_found_by_how_hindi_writes_it(word: str, english: str) -> None:
    found = find(word)
    assert found is not None and found.word == english
    assert "written as English words are" in found.evidence


@pytest.mark.parametrize(
    ("word", "english"), [("फ़िल्म", "film"), ("टिकट", "ticket"), ("लेट", "late")]
)
def test_the_list_has_what_no_sign_tells(word: str, english: str) -> None:
    assert find(word) == Loan(english, "in the list of loans")


@pytest.mark.parametrize(
    "word", ["बस", "किस", "पास", "गोल", "लो", "दोस्त", "कट्टर", "अस्पताल", "स्टेशनों", "जॉन"]
)
def test_what_is_hindi_too_reshaped_inflected_or_a_name_stays(word: str) -> None:
    assert find(word) is None


def test_a_word_far_more_frequent_in_hindi_is_hindi() -> None:
    assert find("ऑफिस") is None
    assert find("ऑफ़िस") == Loan("office", "written as English words are, spelling cost 0.2")


def test_long_words_that_hindi_does_not_know_must_sound_exactly_so() -> None:
    exact = EnglishSpellings({"canteener": 4.2})
    found = english_for("कैनटीनर", exact, hindi)
    assert found == Loan("canteener", "unknown in Hindi, sounds as a common English word")
    assert english_for("कैनटीनर", exact, lambda word: 3.0) is None
    assert english_for("कैनटीनर", EnglishSpellings({"canteener": 3.6}), hindi) is None


def test_sounds_that_english_has_not() -> None:
    assert [english_sounds(word) for word in ("घर", "भात", "लड़का", "स्तन")] == [""] * 2 + ["", ""]
    assert english_sounds("रंग") == "रəनग"
    assert [one.word for one in SPELLINGS.find("हाल")] == ["hall"]
    assert SPELLINGS.find("") == SPELLINGS.find("abc") == SPELLINGS.find("१२") == []


def test_tokens_keep_their_punctuation_and_say_what_was_changed() -> None:
    made = [
        Rewritten("«स्टेशन,", "kept"),
        Rewritten("ऑफिस-टिकट!", "kept"),
        Rewritten("स्टेशन", "list"),
    ]
    done = loans_in_latin(made, find)
    assert [one.text for one in done] == ["«station,", "ऑफिस-ticket!", "स्टेशन"]
    assert [one.origin for one in done] == ["loan", "loan", "list"]
    assert done[0].evidence == "स्टेशन → station: written as English words are, spelling cost 0.0"
    assert split_rewritten(join_rewritten(done)) == done


def test_a_segment_says_what_was_heard_and_why_it_is_believed_to_be_english() -> None:
    timed = words((0, 1, "हम"), (1, 2, " स्टेशन"), (2, 3, " पर"))
    heard = segment(0, 0, 3, "हम स्टेशन पर", language="hi", words=timed)
    assert can_be_read(heard, loans=True) and not can_be_read(heard)
    kept = [Rewritten(token, "kept") for token in tokens_of(heard)]
    done = rewritten_segment(heard, loans_in_latin(kept, find), 0.5)
    assert (done.text, done.heard_text, done.script) == ("हम station पर", heard.text, "expected")
    assert done.script_share == 1.0
    assert [one.text for one in done.words] == ["हम", "station", "पर"]
    assert done.script_evidence[0] == "1 English, put back into Latin letters"
    assert done.script_evidence[1].startswith("स्टेशन → station: ")


def test_the_lists_are_without_nukta_and_apart() -> None:
    assert not set(LOANS) & NOT_ENGLISH
    assert all(without_nukta(word) == word for word in [*LOANS, *NOT_ENGLISH])
    assert all(english == english.lower() and english.isascii() for english in LOANS.values())
