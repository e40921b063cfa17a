#!/usr/bin/env python3
"""Tests of the pure part of transcript/recognition/transcribed.py: the main language."""

from __future__ import annotations

import pytest

from shared.transcript.recognition.transcribed import most_spoken
from shared.transcript.records.schemas import Segment


def segment(number: int, start: float, end: float, language: str) -> Segment:
    """Return a segment without words."""
    return Segment(id=number, start=start, end=end, text="x", confidence=1.0, language=language)


def test_seconds_decide_not_lines() -> None:
    spoken = [segment(0, 0, 9, "de"), segment(1, 9, 11, "en"), segment(2, 12, 14, "en")]
    language, share = most_spoken(spoken)
    assert language == "de"
    assert share == pytest.approx(9 / 13)


def test_segments_without_length_still_have_a_language() -> None:
    assert most_spoken([segment(0, 3, 3, "hi")]) == ("hi", 1.0)
