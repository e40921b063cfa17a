#!/usr/bin/env python3
"""Tests of shared/subtitles/files/sound_sync.py: cues are brought to speech, or it is not sure."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.retiming import Move
from shared.subtitles.files.sound_sync import found_in_sound
from tests.unit.test_sync import film, moved

PAL = Fraction(25) / Fraction(24000, 1001)
MOVES = (Move(2.5, PAL), Move(-7.3), Move(31.0, 1 / PAL), Move(0.0, Fraction(24, 25)), Move(0.0))


def speech(cues: list[SourceCue], seed: int) -> list[tuple[float, float]]:
    """Return what a detector hears: late begins, early ends, pauses, lines it misses."""
    chance, heard = random.Random(seed), []
    for cue in cues:
        if chance.random() < 0.08:
            continue
        start = cue.start + chance.uniform(0.0, 0.12)
        end = max(start + 0.3, cue.end - chance.uniform(0.0, 0.5))
        pause = chance.uniform(start + 0.6, end - 0.6) if end - start > 2 else 0.0
        heard += [(start, pause - 0.1), (pause + 0.1, end)] if pause else [(start, end)]
    return sorted(heard)


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_what_was_moved_is_brought_to_the_speech_and_to_one_place(move: Move) -> None:
    cues = film(7, 40)
    heard = speech(cues, 8)
    right, found = (found_in_sound(one, heard) for one in (cues, moved(cues, move)))
    assert found.is_sure
    for cue, late in zip(cues, moved(cues, move), strict=True):
        assert found.move(late.start) == pytest.approx(right.move(cue.start), abs=0.05)
        assert found.move(late.start) == pytest.approx(cue.start + 0.06, abs=0.1)


def test_a_few_lines_with_long_pauses_are_enough() -> None:
    cues = film(3, 5, (4.0, 15.0, 30.0))
    found = found_in_sound(moved(cues, Move(2.5)), speech(cues, 1))
    assert found.is_sure and found.move.offset == pytest.approx(-2.5, abs=0.2)


@pytest.mark.parametrize(
    "gaps", [(0.1, 0.3, 1.0, 4.0, 15.0), (0.1, 0.1, 0.3, 1.0), (0.0,)], ids=str
)
@pytest.mark.parametrize("count", [4, 6, 15, 60])
def test_another_film_is_never_sure(gaps: tuple[float, ...], count: int) -> None:
    for seed in range(2):
        other = speech(film(seed + 50, count, gaps), seed)
        assert not found_in_sound(film(seed, count, gaps), other).is_sure


def test_without_cues_or_speech_nothing_is_sure() -> None:
    assert not found_in_sound([], [(1.0, 2.0)]).is_sure
    assert not found_in_sound(film(1), []).is_sure


def test_somebody_who_never_pauses_tells_no_place() -> None:
    assert not found_in_sound(moved(film(1, 30), Move(5.0)), [(0.0, 300.0)]).is_sure
