#!/usr/bin/env python3
"""
Tests of shared/transcript/sound/coverage.py: every second of speech has text or is listed.

Usage:
    ./tests/run-tests.sh tests/unit/test_coverage.py
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.records.schemas import SpeechRegion, TimeSpan, Transcript
from shared.transcript.sound.coverage import (
    EDGE,
    coverage_figures,
    measure_coverage,
    missing_speech,
    worth_second_pass,
)


def regions(*spans: tuple[float, float]) -> list[SpeechRegion]:
    """Return speech at these times."""
    return [SpeechRegion(start=start, end=end, score=0.9) for start, end in spans]


def spans(*pairs: tuple[float, float]) -> list[TimeSpan]:
    """Return stretches of time."""
    return [TimeSpan(start=start, end=end) for start, end in pairs]


def test_seconds_with_text_in_quarantine_and_without() -> None:
    found = measure_coverage(
        regions((1.0, 5.0), (6.0, 10.0), (20.0, 22.0)), spans((1.05, 5.0)), spans((6.0, 9.0))
    )
    assert (found.speech_seconds, found.text_seconds) == (10.0, 4.0)
    assert (found.quarantined_seconds, found.without_text_seconds) == (3.0, 3.0)
    assert found.share == 0.4


def test_without_speech_nothing_is_missing() -> None:
    assert measure_coverage([], [], []).share == 1.0


def test_figures_of_a_summary() -> None:
    transcript = Transcript(
        language="en", engine="e", model="m", audio_duration=9.0, segments=[], coverage=None
    )
    assert coverage_figures(transcript) == {}
    transcript.coverage = measure_coverage(regions((1.0, 4.0)), spans((1.0, 3.0)), [])
    figures = coverage_figures(transcript)
    assert (figures["speech_seconds"], figures["without_text_seconds"]) == (3.0, 1.0)
    assert figures["coverage"] == pytest.approx(0.6667)


def test_a_lost_sentence_and_a_lost_word_are_heard_again_but_no_breath() -> None:
    speech = regions((0.0, 4.0), (5.0, 5.5), (6.0, 6.2), (7.0, 9.0))
    again = worth_second_pass(speech, spans((0.5, 2.5), (7.0, 8.4)))
    assert [(one.start, one.end) for one in again] == [(2.5, 4.0), (5.0, 5.5)]


POINTS = st.lists(st.integers(0, 600), max_size=24, unique=True).map(sorted)


@given(POINTS, POINTS, POINTS)
def test_every_second_is_counted_once_and_each_gap_is_listed(
    speech: list[int], text: list[int], doubted: list[int]
) -> None:
    def pairs(points: list[int]) -> list[tuple[float, float]]:
        return [(a / 10, b / 10) for a, b in zip(points[::2], points[1::2], strict=False)]

    where = regions(*pairs(speech))
    believed, others = spans(*pairs(text)), spans(*pairs(doubted))
    found = measure_coverage(where, believed, others)
    parts = found.text_seconds + found.quarantined_seconds + found.without_text_seconds
    assert parts == pytest.approx(found.speech_seconds, abs=0.01)
    listed = missing_speech(where, [*believed, *others])
    assert sum(one.duration for one in listed) == pytest.approx(
        found.without_text_seconds, abs=0.01
    )
    assert all(one.duration >= EDGE for one in listed)
