#!/usr/bin/env python3
"""Tests of shared/subtitles/shaping/turns.py: dialogue that a text marks by dashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.subtitles.base.phrase import phrase_from_text
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.checking.lint import lint_cues
from shared.subtitles.shaping.shaping import shape_cues
from shared.subtitles.shaping.turns import split_turns
from shared.transcript.records.schemas import TimeSpan

LIMITS = limits_for("en")


@pytest.mark.parametrize(
    "text, turns",
    [
        ("- Who is it? - The doctor.", ["Who is it?", "The doctor."]),
        ("-Who is it? –The doctor. -Oh.", ["Who is it?", "The doctor.", "Oh."]),
        ("Who is it? - The doctor.", ["Who is it?", "The doctor."]),
        ("वह कौन है? - डॉक्टर।", ["वह कौन है?", "डॉक्टर।"]),
        ("I was there - you know - with him.", ["I was there - you know - with him."]),
        ("It was cold. -5 degrees.", ["It was cold. -5 degrees."]),
        ("-- and then he left.", ["-- and then he left."]),
        ("-", ["-"]),
    ],
)
def test_a_dash_before_a_sentence_is_the_next_speaker(text: str, turns: list[str]) -> None:
    phrases = split_turns([phrase_from_text(text, TimeSpan(start=0, end=4))])
    assert [phrase.text for phrase in phrases] == turns
    if len(turns) > 1:
        speakers = [phrase.speaker for phrase in phrases]
        assert all(one != other for one, other in zip(speakers, speakers[1:], strict=False))


def test_a_known_voice_has_the_first_turn_alone_and_songs_stay() -> None:
    said = phrase_from_text("- Ready? - Yes.", TimeSpan(start=0, end=2), speaker="SPEAKER_00")
    first, second = split_turns([said])
    assert (first.speaker, second.speaker) != ("SPEAKER_00", "SPEAKER_00")
    assert first.speaker == "SPEAKER_00"
    song = phrase_from_text("- La la. - La.", TimeSpan(start=0, end=2), True)
    assert split_turns([song]) == [song]


def test_quick_turns_share_a_cue_and_one_speaker_has_no_hyphen() -> None:
    quick = phrase_from_text("- Ready? - Yes. - Now?", TimeSpan(start=0, end=2))
    cues = shape_cues([quick], LIMITS)
    assert [cue.text for cue in cues] == ["-Ready?\n-Yes.", "Now?"]
    text = "- I am coming down the stairs right now, my dear friend, wait for me."
    (alone,) = shape_cues([phrase_from_text(text, TimeSpan(start=5, end=9))], LIMITS)
    assert " ".join(alone.lines) == text.removeprefix("- ")
    assert "speakers" not in {one.rule for one in lint_cues([*cues, alone], LIMITS)}


@given(st.text())
def test_no_letter_is_lost_and_once_is_enough(text: str) -> None:
    phrase = phrase_from_text(text or "x", TimeSpan(start=0, end=4))
    split = split_turns([phrase] if phrase.words else [])
    kept = "".join(char for one in split for char in one.text if char.isalnum())
    assert kept == "".join(char for char in phrase.text if char.isalnum())
    assert [one.words for one in split_turns(split)] == [one.words for one in split]
