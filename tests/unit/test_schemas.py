#!/usr/bin/env python3
"""Tests of shared/transcript/records/schemas.py: a file that contradicts itself is never taken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.transcript.records.schemas import Segment, TimeSpan, Transcript, Translation, Word
from tests.support.media_job import segment, transcript, words


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_a_span_never_ends_before_it_starts(first: int, last: int) -> None:
    start, end = first / 1000, last / 1000
    if end >= start:
        assert TimeSpan(start=start, end=end).duration == pytest.approx(end - start)
    else:
        with pytest.raises(ValidationError, match="lies before start"):
            TimeSpan(start=start, end=end)


def test_words_stay_in_their_segment_and_in_order() -> None:
    assert segment(0, 1, 3, "a b", words=words((1, 2, "a"), (2, 3, " b"))).words
    assert segment(0, 1, 3, "a", words=words((0.9996, 3.0004, "a"))).words  # rounded
    for bad in (
        words((0.9, 2, "a")),
        words((1, 3.1, "a")),
        words((1, 2, "a"), (1.5, 3, " b")),
    ):
        with pytest.raises(ValidationError, match="leaves its place in segment 4"):
            segment(4, 1, 3, "a b", words=bad)


def test_segments_follow_one_another_by_start_and_id() -> None:
    first, second = segment(0, 0, 5, "a"), segment(1, 1, 2, "b")
    assert len(transcript(first, second).segments) == 2
    for bad in ([second, first], [first, segment(0, 1, 2, "b")]):
        with pytest.raises(ValidationError, match="does not follow segment"):
            transcript(*bad)


@pytest.mark.parametrize(
    ("field", "value"),
    [("confidence", 1.1), ("confidence", -0.1), ("start", -1), ("id", -1), ("unknown", 1)],
)
def test_impossible_values_are_refused(field: str, value: object) -> None:
    data = segment(0, 0, 1, "a").model_dump() | {field: value}
    with pytest.raises(ValidationError):
        Segment.model_validate(data)


def test_a_word_has_text_and_a_known_source() -> None:
    with pytest.raises(ValidationError):
        Word(start=0, end=1, text="")
    with pytest.raises(ValidationError):
        Word.model_validate({"start": 0, "end": 1, "text": "a", "source": "guessed"})


def test_files_of_another_version_are_refused() -> None:
    data = json.loads(transcript().model_dump_json()) | {"schema_version": 2}
    with pytest.raises(ValidationError, match="schema_version"):
        Transcript.model_validate(data)
    with pytest.raises(ValidationError, match="lines"):
        Translation.model_validate({"source_language": "hi", "target_language": "en"})


@given(
    st.lists(
        st.tuples(st.floats(0, 10), st.text(max_size=20), st.none() | st.booleans()), max_size=5
    )
)
def test_a_written_transcript_is_read_back(rows: list[tuple[float, str, bool | None]]) -> None:
    segments = [
        segment(n, 20.0 * n, 20.0 * n + length, text, is_lyrics=sung)
        for n, (length, text, sung) in enumerate(rows)
    ]
    film = transcript(*segments)
    assert Transcript.model_validate_json(film.model_dump_json()) == film
