#!/usr/bin/env python3
"""Tests of shared/subtitles/layout/tidy.py: no word changes, the linter is content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.subtitles.base.cue import Cue
from shared.subtitles.base.phrase import phrase_from_text
from shared.subtitles.base.profiles import ProfileName, limits_for
from shared.subtitles.checking.lint import lint_cues
from shared.subtitles.layout.tidy import CORRECTIONS, is_sung, tidy_cues, tidy_text, tidy_words
from shared.subtitles.shaping.shaping import shape_cues
from shared.transcript.records.schemas import TimeSpan
from tests.support.examples import examples

ENGLISH = limits_for("en")
BBC = limits_for("en", profile="bbc")
TOKENS = ["go", "New", "क्या", "है।", "yes.", "so...", ". . .", "…", "-", "-No", "—", "♪", "#"]
TOKENS += ["(bang)", "[bang]", "\n", "  ", "well—", "what?", "1.5"]


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("Well...  yes", "Well… yes"),
        ("Well. . . yes.", "Well… yes."),
        ("yes. … no", "yes. … no"),
        ("Mr.\n… no", "Mr.\n… no"),
        ("- A.\n– B.", "-A.\n-B."),
        ("A.\n-B.", "-A.\n-B."),
        ("- A. - B.", "-A.\n-B."),
        ("-one word", "-one word"),
        ("3 - 2 = 1", "3 - 2 = 1"),
        ("(laughs)", "[laughs]"),
        ("-(laughs)\n-No (really).", "-[laughs]\n-No (really)."),
        ("♪la la.♪", "♪ la la ♪"),
        ("# la\nla. #", "♪ la\nla ♪"),
        ("♪ la...", "♪ la… ♪"),
        ("♫", "♪"),
        ("#1 is here", "#1 is here"),
        (" \n a \n\n", "a"),
        ("Oui\u00a0!", "Oui\u00a0!"),
    ],
)
def test_signs_are_written_as_netflix_has_them(text: str, tidy: str) -> None:
    assert tidy_text(text, ENGLISH) == tidy


def test_the_bbc_has_signs_of_its_own() -> None:
    assert tidy_text("Well...", BBC) == "Well..."
    assert tidy_text("♪ la la. ♪", BBC) == "# la la #"
    assert tidy_text("# la la", BBC) == "# la la"


def test_speakers_stay_on_one_line_where_two_would_be_too_long() -> None:
    text = f"- {'long ' * 9}way. - Yes."
    assert tidy_text(text, ENGLISH) == text


@examples(300)
@given(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=9), st.booleans())
def test_it_changes_no_word_and_is_done_at_once(tokens: list[str], lyrics: bool) -> None:
    text = " ".join(tokens)
    once = tidy_text(text, ENGLISH, lyrics)
    assert tidy_text(once, ENGLISH, lyrics) == once
    assert [c for c in once if c.isalnum()] == [c for c in text if c.isalnum()]


TALK = {
    "en": "When we came home... he gave me the keys of the old house, and I never asked why. "
    "(door slams) Mr. Smith has not been there since 1947, or so they say.",
    "hi": "क्या तुम्हें याद है... कि हम पहली बार कहाँ मिले थे, और क्या-क्या बातें हुई थीं? "
    "उस शाम के बाद मैंने तुम्हें कभी नहीं देखा। लेकिन आज तुम मेरे सामने खड़े हो।",
}


@pytest.mark.parametrize("profile", ["netflix", "bbc"])
@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("lyrics", [False, True])
def test_what_is_shaped_and_tidied_has_no_errors(
    language: str, profile: ProfileName, lyrics: bool
) -> None:
    limits = limits_for(language, profile=profile)
    phrase = phrase_from_text(TALK[language], TimeSpan(start=1.0, end=16.0), lyrics)
    cues = tidy_cues(shape_cues(tidy_words([phrase], limits), limits), limits)
    assert len(cues) > 2
    found = lint_cues(cues, limits)
    assert [f for f in found if f.severity == "error"] == []
    assert not {f.rule for f in found} & {c.rule for c in CORRECTIONS}
    assert all(is_sung(cue.text) == lyrics for cue in cues)


def test_what_grows_is_laid_out_again() -> None:
    cue = Cue(1, 5, "We sing the old song here by the old tree ♪")
    tidied = tidy_cues([cue], ENGLISH)[0]
    assert tidied.text.replace("\n", " ") == "♪ We sing the old song here by the old tree ♪"
    assert [f.severity for f in lint_cues([tidied], ENGLISH)] == []
