#!/usr/bin/env python3
"""Tests of scripts/whisper/first_pass.py: what is heard at once, and what of it is heard again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.whisper.engine import DecodeOptions, RecognisedWord, make_utterance
from scripts.whisper.first_pass import SpokenWindow, heard_regions, split_doubted
from shared.transcript.recognition.sentences import Utterance
from shared.transcript.records.schemas import SpeechRegion
from shared.transcript.sound.windows import fill_windows

OPTIONS = DecodeOptions(
    language="en",
    multilingual=False,
    beam_size=1,
    temperatures=(0.0,),
    chunk_length=28,
    max_gap=2,
    context=0.2,
    max_pause=1,
    max_segment=15,
)
DOUBTED = -3.0


def sentence(start: float, end: float, log_probability: float = -0.2) -> Utterance:
    """Return a sentence of the first pass."""
    return make_utterance(
        [RecognisedWord(" Oh.", start, end, 0.9)],
        0.0,
        log_probability=log_probability,
        no_speech=0.0,
        compression=1.0,
        temperature=0.0,
    )


def window_of(*spans: tuple[float, float]) -> SpokenWindow:
    """Return the window that holds some regions."""
    regions = [SpeechRegion(start=start, end=end, score=0.9) for start, end in spans]
    (window,) = fill_windows(regions, length=28, longest_pause=2, margin=0.2, duration=30)
    return SpokenWindow(window, "en")


@pytest.mark.parametrize("gap", [0.0, 0.1, 0.3])
def test_a_word_just_beside_doubted_speech_stays_and_is_not_heard_again(gap: float) -> None:
    window = window_of((0.0, 1.0), (1.0 + gap, 3.0), (3.0 + gap, 4.0))
    before, after = sentence(0.85, 1.0), sentence(3.0 + gap, 3.15 + gap)
    doubted = sentence(1.0 + gap, 2.9, DOUBTED)
    believed, (chunk,) = split_doubted(window, [before, doubted, after], OPTIONS)
    assert believed == [before, after]
    assert before.end <= chunk.start <= 1.0 + gap
    assert 3.0 <= chunk.end <= after.start


SPANS = st.lists(st.tuples(st.floats(0.1, 2), st.floats(0, 2.5)), min_size=1, max_size=6)
SENTENCES = st.lists(
    st.tuples(st.floats(0, 20), st.floats(0.05, 4), st.sampled_from([-0.2, DOUBTED])), max_size=8
)


@given(SPANS, SENTENCES)
def test_every_sentence_is_either_believed_or_heard_again(
    lengths: list[tuple[float, float]], sentences: list[tuple[float, float, float]]
) -> None:
    spans, position = [], 0.0
    for length, gap in lengths:
        spans.append((position, position + length))
        position += length + gap
    window = window_of(*spans)
    said = [sentence(start, start + length, figure) for start, length, figure in sentences]
    believed, chunks = split_doubted(window, said, OPTIONS)
    heard = {region.start for chunk in chunks for region in chunk.regions}
    for one in said:
        places = {r.start for r in window.window.regions if r.start < one.end and r.end > one.start}
        assert not (one in believed and places & heard)
        assert one in believed or places <= heard
    assert not any(one.log_probability == DOUBTED for one in believed)
    for chunk in chunks:
        for region in window.window.regions:
            outside = region.end <= chunk.start or region.start >= chunk.end
            assert outside or region.start in heard


@pytest.mark.parametrize(("length", "context"), [(10.0, 5.0), (1.0, 5.0), (29.5, 5.0), (28.0, 0.2)])
def test_speech_is_not_crumbled_by_a_wide_context(length: float, context: float) -> None:
    options = replace(OPTIONS, chunk_length=length, context=context)
    region = SpeechRegion(start=1, end=41, score=0.9)
    audio = np.random.default_rng(0).normal(0, 0.1, 16000 * 45).astype(np.float32)
    pieces = heard_regions(audio, [region], options)
    assert pieces[0].start == 1 and pieces[-1].end == 41
    assert all(one.end == two.start for one, two in zip(pieces, pieces[1:], strict=False))
    assert all(length / 4 - 0.1 <= one.duration <= length for one in pieces[:-1])
