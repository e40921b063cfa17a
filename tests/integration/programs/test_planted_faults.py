#!/usr/bin/env python3
"""Tests of the queue of doubts: faults planted in a finished job stand at its head."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from shared.pipeline.jobs.doubts.queue import find_doubts
from shared.report.entries import make_entries
from shared.report.facts import read_facts
from shared.report.sides import texts_by_language
from tests.support.media import silence
from tests.support.odd_faults import ODD_FAULTS
from tests.support.told_job import FAULTS, LONG_PAUSE_EVERY, Told, make_told_job

FIRST, FOUND_AT_LEAST = 10, 8
Span = tuple[float, float]
Faults = Mapping[str, Callable[[Told, int], None]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film as long as the dialogue."""
    return silence(tmp_path_factory.mktemp("film") / "film.wav", seconds=400.0)


def plant(told: Told, names: Sequence[str], dice: random.Random, faults: Faults) -> dict[str, Span]:
    """Plant faults in lines that are not neighbours; return where each is, in seconds."""
    breaks = [one.id for one in told.segments if one.id % LONG_PAUSE_EVERY == LONG_PAUSE_EVERY - 1]
    last = dice.choice(breaks[:-1])
    others = [n for n in range(1, 62) if n % 2 and abs(n - last) > 1 and n not in breaks]
    places = {}
    for name, number in zip(names, dice.sample(others, len(names)), strict=True):
        number = last if name == "shifted line" else number
        one = told.segments[told.place(number)]
        places[name] = one.start - 0.5, one.end + (
            6.0 if name == "shifted line" else 3.0 if name == "two seconds late" else 0.5
        )
        faults[name](told, number)
    return places


def touches(place: Span, start: float, end: float) -> bool:
    """Return whether a fault and an entry share a moment."""
    return start < place[1] and end > place[0]


@pytest.mark.parametrize(("seed", "faults"), [*((n, FAULTS) for n in range(6)), (6, ODD_FAULTS)])
def test_the_first_ten_entries_hold_eight_of_ten_faults(
    sound: Path, tmp_path: Path, seed: int, faults: Faults
) -> None:
    dice = random.Random(seed)
    told = Told.of_dialogue(dice)
    names = dice.sample(sorted(faults), 10)
    places = plant(told, names, dice, faults)
    job_dir = make_told_job(tmp_path, sound, told)
    facts = read_facts(job_dir)
    first, _ = make_entries(facts, texts_by_language(facts), FIRST)
    found = {n for n, at in places.items() if any(touches(at, one.start, one.end) for one in first)}
    assert len(found) >= FOUND_AT_LEAST, set(names) - found
    lines = find_doubts(job_dir)[: 2 * FIRST]
    listed = {n for n, at in places.items() if any(touches(at, d.start, d.end) for d in lines)}
    assert len(listed) >= FOUND_AT_LEAST, set(names) - listed


def test_a_job_without_faults_has_few_doubts_and_no_heavy_one(sound: Path, tmp_path: Path) -> None:
    told = Told.of_dialogue(random.Random(1))
    job_dir = make_told_job(tmp_path, sound, told)
    doubts = find_doubts(job_dir)
    assert all(one.weight < 3.0 for one in doubts), doubts
    assert len(doubts) < len(told.segments) / 3
