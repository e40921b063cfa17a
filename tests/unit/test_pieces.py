#!/usr/bin/env python3
"""Tests of shared/translation/pieces.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.translation.backend import SourceLine
from shared.translation.pieces import LENGTH_CLASS, Pieces, length_batches, split_text


def at_most(words: int) -> Callable[[str], bool]:
    """Return what tells whether a text has so few words."""
    return lambda text: len(text.split()) <= words


@pytest.mark.parametrize(
    ("text", "words", "pieces"),
    [
        ("One two. Three four.", 9, ["One two. Three four."]),
        ("One two. Three four.", 3, ["One two.", "Three four."]),
        ("A b. C d. E f g.", 4, ["A b. C d.", "E f g."]),
        ('He said "go." She went.', 3, ['He said "go."', "She went."]),
        ("वह गया। मैं आया।", 2, ["वह गया।", "मैं आया।"]),
        ("وہ گیا۔ میں آیا۔", 2, ["وہ گیا۔", "میں آیا۔"]),
        ("one two, three four five", 3, ["one two,", "three four five"]),
        ("one two three four five", 2, ["one two", "three four", "five"]),
        ("endless", 0, ["endless"]),
    ],
)
def test_a_text_is_cut_at_the_best_place(text: str, words: int, pieces: list[str]) -> None:
    assert split_text(text, at_most(words)) == pieces


@pytest.mark.parametrize(
    ("text", "most", "pieces"),
    [
        (
            "今日は雨です。明日は晴れ！本当？はい。",
            10,
            ["今日は雨です。", "明日は晴れ！本当？", "はい。"],
        ),
        ("「行こう。」彼は言った。", 7, ["「行こう。」", "彼は言った。"]),
        ("雨が降って、風が吹いて、寒い", 8, ["雨が降って、", "風が吹いて、寒い"]),
        ("本当に！？行くの？", 6, ["本当に！？", "行くの？"]),
    ],
)
def test_text_without_spaces_is_cut_behind_its_wide_signs(
    text: str, most: int, pieces: list[str]
) -> None:
    found = split_text(text, lambda part: len(part) <= most)
    assert found == pieces and "".join(found) == text


@given(st.lists(st.sampled_from(["a", "b,", "c.", "d?", "e।"]), min_size=1), st.integers(1, 5))
def test_no_word_is_lost_and_every_piece_fits(words: list[str], most: int) -> None:
    text = " ".join(words)
    pieces = split_text(text, at_most(most))
    assert " ".join(pieces) == text
    assert all(len(piece.split()) <= most for piece in pieces)


def test_lines_come_back_by_id_whatever_their_order_and_number_of_pieces() -> None:
    lines = [
        SourceLine(7, "one two. three four."),
        SourceLine(3, "  "),
        SourceLine(5, "five\nsix"),
    ]
    pieces = Pieces(lines, at_most(2))
    assert pieces.texts == ["one two.", "three four.", "five six"]
    assert pieces.join([text.upper() for text in pieces.texts]) == {
        7: "ONE TWO. THREE FOUR.",
        5: "FIVE SIX",
    }


def test_a_line_with_an_empty_piece_is_left_out() -> None:
    pieces = Pieces([SourceLine(1, "one two. three four.")], at_most(2))
    assert pieces.join(["ONE TWO.", " "]) == {}


def test_a_short_answer_is_an_error_not_a_shift() -> None:
    pieces = Pieces([SourceLine(1, "one"), SourceLine(2, "two")], at_most(9))
    with pytest.raises(ValueError, match="shorter"):
        pieces.join(["ONE"])


@given(st.lists(st.integers(0, 99)), st.integers(1, 8))
def test_batches_hold_every_text_once_and_only_one_length_class(
    lengths: list[int], batch_size: int
) -> None:
    batches = list(length_batches(lengths, batch_size))
    assert sorted(i for batch in batches for i in batch.indices) == list(range(len(lengths)))
    assert [b.longest for b in batches] == sorted((b.longest for b in batches), reverse=True)
    for batch in batches:
        assert len(batch.indices) <= batch_size
        for index in batch.indices:
            assert batch.longest - LENGTH_CLASS < max(1, lengths[index]) <= batch.longest
