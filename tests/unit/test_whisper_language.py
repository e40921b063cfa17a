#!/usr/bin/env python3
"""Tests of the pure part of scripts/whisper/language.py: regions too short to judge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scripts.whisper.language import with_neighbours
from shared.transcript.records.schemas import SpeechRegion


def regions(*spans: tuple[float, float]) -> list[SpeechRegion]:
    """Return speech regions."""
    return [SpeechRegion(start=start, end=end, score=0.9) for start, end in spans]


def test_a_short_region_goes_with_the_nearer_neighbour() -> None:
    spans = regions((26.0, 29.7), (30.9, 32.4), (32.4, 34.2))
    assert with_neighbours(spans, ["de", None, "en"], "de") == ["de", "en", "en"]


def test_a_short_region_far_from_others_speaks_the_main_language() -> None:
    spans = regions((1.0, 4.0), (9.0, 9.5), (15.0, 19.0))
    assert with_neighbours(spans, ["en", None, "en"], "de") == ["en", "de", "en"]


@given(st.lists(st.sampled_from([None, "de", "en"]), max_size=12))
def test_every_region_has_a_language_and_judged_ones_keep_theirs(judged: list[str | None]) -> None:
    spans = regions(*((2.0 * i, 2.0 * i + 1.0) for i in range(len(judged))))
    spoken = with_neighbours(spans, judged, "hi")
    assert len(spoken) == len(judged)
    assert all(a is None or a == b for a, b in zip(judged, spoken, strict=True))
