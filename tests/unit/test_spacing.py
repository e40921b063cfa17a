#!/usr/bin/env python3
"""Tests of shared/transcript/records/spacing.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.records.spacing import is_fully_timed, spaced_tokens
from tests.support.media_job import segment, words

TOKEN = st.text(st.characters(categories=["L", "M", "P"]), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("text", "tokens", "spaced"),
    [
        ("It's, well.", ["It's,", "well", "."], ["It's,", " well", "."]),
        ("これは本", ["これ", "は", "本"], ["これ", "は", "本"]),
        ("a a b", [" a", " a", " b"], ["a", " a", " b"]),
        ("one two", ["one", "gone", "two"], ["one", " gone", " two"]),
        ("", ["a"], ["a"]),
        ("a", [], []),
    ],
)
def test_spaces_are_found_in_the_text(text: str, tokens: list[str], spaced: list[str]) -> None:
    assert spaced_tokens(text, tokens) == spaced


@given(st.lists(st.tuples(TOKEN, st.booleans()), min_size=1, max_size=12))
def test_tokens_give_their_text_back(parts: list[tuple[str, bool]]) -> None:
    text = "".join((" " if apart and n else "") + token for n, (token, apart) in enumerate(parts))
    assert "".join(spaced_tokens(text, [token for token, _ in parts])) == text


def test_whether_the_words_are_the_text() -> None:
    spoken = words((0, 1, "It's,"), (1, 2, " well"))
    assert is_fully_timed(segment(0, 0, 2, "It's, well", words=spoken))
    assert not is_fully_timed(segment(0, 0, 2, "It is well", words=spoken))
    assert not is_fully_timed(segment(0, 0, 2, "It is well"))
