#!/usr/bin/env python3
"""Tests of shared/transcript/sound/in_order.py, and of what uses it on a whole film."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transcript.recognition.quality import Limits
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.recognition.transcribed import TranscriptBuilder
from shared.transcript.recognition.words import TimedToken
from shared.transcript.records.schemas import Segment, SpeechRegion, TimeSpan
from shared.transcript.sound.coverage import measure_coverage
from shared.transcript.sound.in_order import InOrder
from shared.transcript.sound.speakers import SpeakerTurn, name_regions, name_segments
from tests.support.media_job import segment

SPANS = st.builds(
    lambda start, length: TimeSpan(start=start, end=start + length),
    st.integers(0, 40),
    st.integers(0, 12),
)


@given(st.lists(SPANS, max_size=12), SPANS, st.sampled_from([0.0, 0.5, 3.0]))
def test_the_same_are_found_as_by_looking_at_all(
    spans: list[TimeSpan], other: TimeSpan, near: float
) -> None:
    spans.sort(key=lambda one: one.start)
    assert InOrder(spans).touching(other, near) == [
        one for one in spans if one.start <= other.end + near and one.end >= other.start - near
    ]


def regions_of(count: int) -> list[SpeechRegion]:
    """Return a film with so many regions of speech, three people in turn."""
    return [
        SpeechRegion(start=3 * n, end=3 * n + 2.5, score=0.9, speaker=f"SPEAKER_{n % 3}")
        for n in range(count)
    ]


def segments_of(count: int) -> list[Segment]:
    """Return a sentence for every region."""
    return [segment(n, 3 * n, 3 * n + 2.4, "what they say") for n in range(count)]


def build(count: int) -> object:
    """Return what a recogniser that heard a sentence in every region has at the end."""
    builder = TranscriptBuilder(
        regions=regions_of(count), limits=Limits(), prompt="", max_pause=1.0
    )
    for n in range(count):
        tokens = tuple(
            TimedToken(text=f"word{n}", start=3 * n + place, end=3 * n + place + 0.4)
            for place in (0.1, 0.9, 1.7)
        )
        builder.add([Utterance(tokens, -0.2, 0.1, 1.0)], "en", start=3 * n, end=3 * n + 2.5)
    return builder.worth_second_pass(), builder.result()


@pytest.mark.slow
@pytest.mark.parametrize(
    "work",
    [
        build,
        lambda count: measure_coverage(regions_of(count), segments_of(count)[::2], []),
        lambda count: name_segments(segments_of(count), regions_of(count)),
        lambda count: name_regions(
            regions_of(count),
            [SpeakerTurn(start=3 * n, end=3 * n + 2.0, speaker="SPEAKER_0") for n in range(count)],
        ),
    ],
    ids=["recognition", "coverage", "segments", "regions"],
)
def test_ten_times_the_film_does_not_take_a_hundred_times_as_long(
    work: Callable[[int], object],
) -> None:
    def spent(count: int) -> float:
        began = time.process_time()
        work(count)
        return time.process_time() - began

    work(100)  # builds the models
    assert min(spent(3000) for _ in range(2)) < 50 * min(spent(300) for _ in range(3))
