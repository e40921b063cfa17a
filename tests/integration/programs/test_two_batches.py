#!/usr/bin/env python3
"""Tests of two batches on one machine: they count each other, and the one that waits says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.pipeline.batch.executor import WHOLE, Slot
from shared.pipeline.batch.ledger import FOLDER, USERS_FOLDER, Ledger, ledger_folders
from tests.support.batches import TO_DEMUX, film_of, make_old, start_batch, status
from tests.support.commands import HANG_SECONDS, wait_until
from tests.support.jobs import make_film

pytestmark = pytest.mark.environments("batch")
CPU = Slot("cpu", "CPU", WHOLE)


def folder_of_films(place: Path, count: int) -> Path:
    """Make a folder of films, no two alike."""
    place.mkdir()
    for number in range(count):
        seconds = 1 + number / 10 + len(place.name) / 100
        make_old(make_film(place / f"{number}.mkv", seconds))
    return place


def test_who_waits_for_another_batch_says_so(tmp_path: Path, output_root: Path) -> None:
    output_root.mkdir(exist_ok=True)
    other = Ledger(*ledger_folders(output_root))
    assert other.take(CPU, WHOLE, 0.0) == ""
    with start_batch(folder_of_films(tmp_path / "films", 1), *TO_DEMUX) as batch:
        wait_until(lambda: "another batch is at work" in _waits_for("0.mkv"))
        other.close()
        said, _ = batch.communicate(timeout=HANG_SECONDS)
    assert batch.returncode == 0, said


def _waits_for(name: str) -> str:
    return str(film_of(status(), name).get("waits_for", ""))


@pytest.mark.parametrize("roots", [("out", "out"), ("out", "elsewhere")])
def test_two_batches_take_no_more_than_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roots: tuple[str, str]
) -> None:
    folders = [folder_of_films(tmp_path / name, 3) for name in ("a", "other")]
    batches = []
    for folder, root in zip(folders, roots, strict=True):
        monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / root))
        batches.append(start_batch(folder, *TO_DEMUX))
    notes, most, seen = tmp_path / "state" / "cp-whisperx" / USERS_FOLDER, 0, 0
    while any(batch.poll() is None for batch in batches):
        held = []
        for path in notes.glob("*.json"):
            try:
                held.append(json.loads(path.read_text())["held"].get("cpu", 0))
            except (OSError, ValueError):
                continue
        most, seen = max(most, sum(held)), max(seen, len(held))
    for batch in batches:
        said, _ = batch.communicate(timeout=HANG_SECONDS)
        assert batch.returncode == 0, said
    assert seen == 2 and 0 < most <= WHOLE
    for folder in (notes, *(tmp_path / root / FOLDER for root in roots)):
        assert folder.is_dir() and list(folder.glob("*.json")) == []
