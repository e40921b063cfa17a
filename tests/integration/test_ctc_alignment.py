#!/usr/bin/env python3
"""
CTC alignment: known frames give known times.

Skipped where torchaudio is not; test_engines.py runs this file inside venv/whisperx.

Usage:
    ./tests/run-tests.sh tests/integration/test_ctc_alignment.py
"""

from __future__ import annotations

import importlib.util
import resource
import warnings
from typing import Any

import numpy
import pytest

from scripts.alignment.ctc_alignment import MOST_CELLS, align_labels, can_be_aligned

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        importlib.util.find_spec("torchaudio") is None, reason="runs inside venv/whisperx"
    ),
]


def emission(heard: list[int], codes: int = 5, sure: float = 0.9) -> Any:
    """Return log-probabilities in which each frame is sure of one code."""
    table = numpy.full((len(heard), codes), (1 - sure) / (codes - 1))
    table[numpy.arange(len(heard)), heard] = sure
    return numpy.log(table).astype(numpy.float32)


def test_known_frames_give_known_spans() -> None:
    spans = align_labels(emission([0, 0, 1, 1, 0, 2, 0, 0, 2, 3, 0]), [1, 2, 2, 3], blank=0)
    assert [(s.first, s.after) for s in spans] == [(2, 4), (5, 6), (8, 9), (9, 10)]
    assert all(span.score == pytest.approx(0.9) for span in spans)


def test_a_label_that_is_not_heard_stays_between_its_neighbours() -> None:
    first, missing, last = align_labels(emission([1, 0, 0, 0, 3]), [1, 4, 3], blank=0)
    assert first.after <= missing.first < missing.after <= last.first
    assert missing.score < 0.1


@pytest.mark.parametrize("frames", [8, 9, 10, 97, 400])
def test_the_path_is_the_best_there_is(frames: int) -> None:
    """A plain Viterbi over all frames scores the same."""
    rng = numpy.random.default_rng(frames)
    log_probs = numpy.log(rng.dirichlet(numpy.ones(6), frames)).astype(numpy.float32)
    labels = [1, 1, 2, 5, 3, 3]
    states = [0, *(part for label in labels for part in (label, 0))]
    best = numpy.full(len(states), -numpy.inf)
    best[:2] = log_probs[0, states[:2]]
    for row in log_probs[1:]:
        before = best.copy()
        for state in range(len(states)):
            ways = [before[state], *([before[state - 1]] if state else [])]
            if state > 1 and states[state] and states[state] != states[state - 2]:
                ways.append(before[state - 2])
            best[state] = max(ways) + row[states[state]]
    found, position = 0.0, 0
    for span, label in zip(align_labels(log_probs, labels, blank=0), labels, strict=True):
        found += log_probs[position : span.first, 0].sum()
        found += log_probs[span.first : span.after, label].sum()
        position = span.after
    found += log_probs[position:, 0].sum()
    assert found == pytest.approx(max(best[-2:]))


def test_too_few_frames_are_refused() -> None:
    assert can_be_aligned([1, 1, 2], 4) and not can_be_aligned([1, 1, 2], 3)
    with pytest.raises(ValueError, match="3 labels cannot be aligned with 3 frames"):
        align_labels(emission([1, 1, 2]), [1, 1, 2], blank=0)
    assert align_labels(emission([0]), [], blank=0) == []


def test_the_label_beyond_the_network_is_one_like_the_others() -> None:
    spans = align_labels(emission([5, 5, 0, 5, 1], codes=6), [5, 5, 1], blank=0)
    assert [(s.first, s.after) for s in spans] == [(0, 2), (3, 4), (4, 5)]


def test_ten_minutes_of_fast_speech_are_aligned_in_a_gigabyte() -> None:
    """30,000 frames and 7,200 letters: each span covers the frame that its letter was put at."""
    rng = numpy.random.default_rng(7)
    places = numpy.sort(rng.choice(numpy.arange(0, 30_000, 2), 7_200, replace=False))
    labels = rng.integers(1, 32, len(places))
    heard = numpy.zeros(30_000, dtype=int)
    heard[places] = labels
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spans = align_labels(emission(list(heard), codes=32), labels.tolist(), blank=0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_CELLS >> 10
    assert all(one.first <= at < one.after for one, at in zip(spans, places, strict=True))


def test_what_would_not_fit_into_memory_is_refused() -> None:
    assert can_be_aligned([1, 2] * 4_000, 60_000)
    assert not can_be_aligned([1, 2] * 8_000, 90_000)
