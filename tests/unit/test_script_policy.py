#!/usr/bin/env python3
"""Tests of shared/transcript/writing/script_policy.py, readable_roman.py and scripts.py."""

from __future__ import annotations

import pytest

from shared.transcript.languages.alphabets import script_of, share_in_script
from shared.transcript.records.schemas import Segment
from shared.transcript.writing.devanagari import Rewritten, into_devanagari
from shared.transcript.writing.readable_roman import before_roman, mend_roman
from shared.transcript.writing.script_policy import (
    can_be_read,
    join_rewritten,
    join_tokens,
    measured_segment,
    rewritten_segment,
    romanised_segment,
    split_rewritten,
    split_tokens,
    tokens_of,
    with_shares,
)
from shared.translation.lines import is_romanised
from tests.support.hindi import knowledge
from tests.support.media_job import segment, transcript, words

TIMED = words((0, 1, "نہیں"), (1, 2, " office"), (2, 3, " ka"), (3, 4, " kaam"))
MIXED = segment(0, 0, 4, "نہیں office ka kaam", language="hi", words=TIMED)


def repaired(one: Segment, least_known: float = 0.5) -> Segment:
    """Return a segment written anew."""
    return rewritten_segment(one, into_devanagari(tokens_of(one), knowledge()), least_known)


@pytest.mark.parametrize(
    ("language", "text", "share"),
    [
        ("hi", "नमस्ते दुनिया", 1.0),
        ("hi", "namaste", 0.0),
        ("hi", "12 …", 1.0),
        ("hi-Latn", "namaste", 1.0),
        ("ja", "東京タワー", 1.0),
        ("ko", "서울 東", 1.0),
        ("ru", "да yes", 0.4),
        ("xx", "abc", 1.0),
    ],
)
def test_the_share_of_a_script(language: str, text: str, share: float) -> None:
    assert share_in_script(text, language) == pytest.approx(share)


def test_the_script_of_a_language() -> None:
    assert [script_of(one) for one in ("hi", "hi-Latn", "ur", "en")] == [
        "Deva",
        "Latn",
        "Arab",
        "Latn",
    ]
    assert is_romanised("hi", "hi-Latn") and is_romanised("hi-IN", "hi-Latn")
    assert not is_romanised("hi", "hi") and not is_romanised("en", "en-GB")
    assert not is_romanised("en", "hi-Latn") and not is_romanised("auto", "hi-Latn")


def test_a_repaired_segment_says_what_was_heard_and_why_it_is_believed() -> None:
    done = repaired(MIXED)
    assert done.text == "नहीं office का काम"
    assert (done.script, done.script_share) == ("repaired", 1.0)
    assert done.heard_text == MIXED.text
    assert done.script_evidence == ["3 in the word list", "1 English, kept"]


def test_a_word_in_a_third_script_is_read_by_its_sounds_and_named() -> None:
    done = repaired(segment(0, 0, 4, "نہیں 他 office ka kaam", language="hi"))
    assert done.text == "नहीं था office का काम"
    assert (done.script, done.script_share) == ("repaired", 1.0)
    assert done.script_evidence[-1] == "他 read by its sounds"


def test_a_line_in_which_a_third_script_stands_is_not_repaired() -> None:
    line = segment(0, 0, 4, "نہیں 他 office", language="hi")
    kept = [Rewritten("नहीं", "list"), Rewritten("他", "kept"), Rewritten("office", "english")]
    done = rewritten_segment(line, kept, 0.5)
    assert done.script == "wrong"
    assert done.script_evidence[-1] == "left in another script: 他"


def test_every_word_keeps_its_time_and_its_confidence() -> None:
    done = repaired(MIXED)
    assert [one.text for one in done.words] == ["नहीं", "office", "का", "काम"]
    assert [(one.start, one.end) for one in done.words] == [(a, a + 1) for a in range(4)]


def test_a_text_without_words_is_repaired_and_left_for_alignment_to_time() -> None:
    done = repaired(segment(0, 0, 4, "hum  kahan the", language="hi"))
    assert (done.text, done.words) == ("हम कहाँ थे", [])


def test_too_few_known_words_and_it_stays_and_is_marked_wrong() -> None:
    foreign = segment(0, 0, 2, "قخغ دسمی طظغ", language="hi")
    done = repaired(foreign)
    assert (done.text, done.script, done.script_share) == (foreign.text, "wrong", 0.0)
    assert "too few known words" in done.script_evidence
    assert repaired(foreign, least_known=0.0).script == "repaired"


def test_english_in_hindi_speech_is_not_a_wrong_script() -> None:
    done = repaired(segment(0, 0, 2, "sorry I have to do the meeting", language="hi"))
    assert (done.script, done.heard_text) == ("expected", None)
    assert done.text == "sorry I have to do the meeting"


def test_letters_alone_mark_what_cannot_be_repaired() -> None:
    assert measured_segment(MIXED).script == "wrong"
    assert measured_segment(segment(0, 0, 1, "नमस्ते", language="hi")).script == "expected"
    assert measured_segment(segment(0, 0, 1, "…", language="hi")).script is None


def test_only_hindi_with_other_letters_is_read() -> None:
    assert can_be_read(MIXED)
    assert not can_be_read(segment(0, 0, 1, "नमस्ते 12", language="hi"))
    assert not can_be_read(segment(0, 0, 1, "hello", language="en"))


def test_the_transcript_reports_its_share_before_and_after() -> None:
    film = transcript(MIXED, segment(1, 5, 6, "नमस्ते", language="hi"), language="hi")
    done = film.model_copy(update={"segments": [repaired(MIXED), film.segments[1]]})
    reported = with_shares(done, film.segments)
    assert reported.expected_script == "Deva"
    assert reported.heard_script_share == pytest.approx(4 / 20, abs=0.001)
    assert reported.script_share == 1.0
    empty = with_shares(transcript(language="hi"), [])
    assert (empty.script_share, empty.heard_script_share) == (None, None)


def test_tokens_survive_the_way_to_the_worker_and_back() -> None:
    tokens = tokens_of(MIXED)
    assert split_tokens(join_tokens(tokens)) == tokens
    made = into_devanagari(tokens, knowledge())
    assert split_rewritten(join_rewritten(made)) == made


def test_a_romanised_segment_keeps_words_times_and_what_was_heard() -> None:
    done = romanised_segment(repaired(MIXED), ["nahin", "office", "ka", "kaam"])
    assert done.text == "nahin office ka kaam"
    assert [one.text for one in done.words] == ["nahin", "office", "ka", "kaam"]
    assert (done.heard_text, done.script_share) == (MIXED.text, 1.0)


@pytest.mark.parametrize(
    ("word", "seen", "written", "mended"),
    [
        ("कहाँ", "कहान्", "kahan", "kahan"),
        ("लंबा", "लंबा", "lamba", "lamba"),
        ("में", "मेन्", "men", "mein"),
        ("आप", "आप", "ap", "aap"),
        ("अच्छा", "अच्छा", "achchha", "accha"),
        ("वाला", "वाला", "vala", "wala"),
        ("सड़क", "सडक", "sadak", "sadak"),
        ("काम", "काम", "kam", "kaam"),
        ("प्यार", "प्यार", "pyar", "pyaar"),
        ("का", "का", "ka", "ka"),
        ("नाटक", "नाटक", "natak", "natak"),
        ("हाँ", "हान्", "han", "haan"),
    ],
)
def test_hinglish_is_mended_to_what_people_type(
    word: str, seen: str, written: str, mended: str
) -> None:
    assert before_roman(word) == seen
    assert mend_roman(word, written) == mended
