#!/usr/bin/env python3
"""Test of a batch that is killed at random moments; many more: measure_batch_kills.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.batches import make_old
from tests.support.jobs import make_film
from tests.support.kills import kill_batches

KILLS = 4


@pytest.mark.environments("batch")
def test_killed_anywhere_it_goes_on_does_nothing_twice_and_leaves_nobody(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    for number in range(3):
        make_old(make_film(films / f"{number}.mkv", 1 + number / 10))
    options = ("-w", "transcribe", "-s", "en", "--to", "glossary_load")
    seen = kill_batches(films, options, KILLS, seed=3)
    assert seen.kills == KILLS and seen.nights >= 1
