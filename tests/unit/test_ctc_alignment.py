#!/usr/bin/env python3
"""Tests of scripts/alignment/ctc_alignment.py: known frames give known times."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from scripts.alignment.ctc_alignment import align_labels, fewest_frames


def emission(heard: list[int], codes: int = 5, sure: float = 0.9) -> Any:
    """Return log-probabilities in which each frame is sure of one code."""
    table = numpy.full((len(heard), codes), (1 - sure) / (codes - 1))
    table[numpy.arange(len(heard)), heard] = sure
    return numpy.log(table)


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
    """Blocks are seams only in memory: a plain Viterbi over all frames scores the same."""
    rng = numpy.random.default_rng(frames)
    log_probs = numpy.log(rng.dirichlet(numpy.ones(6), frames))
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
    assert fewest_frames([1, 1, 2]) == 4
    with pytest.raises(ValueError, match="do not fit into 3 frames"):
        align_labels(emission([1, 1, 2]), [1, 1, 2], blank=0)
    assert align_labels(emission([0]), [], blank=0) == []
