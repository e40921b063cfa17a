#!/usr/bin/env python3
"""Tests of shared/media/shots.py: shot changes of real films, found and known again."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.core.errors import DependencyError
from shared.media.clip import ClipRange
from shared.media.shots import find_shot_changes, read_shot_changes
from tests.support.media import ffmpeg, silence

FRAME = 1 / 25


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shots that begin at 0, 1 and 2.4 seconds, 25 frames a second."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    shots = [("black", 1.0), ("white", 1.4), ("0x404040", 1.2)]
    inputs: list[object] = []
    for colour, seconds in shots:
        inputs += ["-f", "lavfi", "-i", f"color={colour}:s=320x180:r=25:d={seconds}"]
    ffmpeg(*inputs, "-filter_complex", "concat=n=3:v=1", "-c:v", "mpeg4", path)
    return path


def test_cuts_are_found_to_the_frame(film: Path, tmp_path: Path) -> None:
    told: list[float] = []
    shots = find_shot_changes(film, None, tmp_path, 60, told.append)
    assert shots.times == pytest.approx([1.0, 2.4], abs=FRAME / 2)
    assert told and told[-1] == pytest.approx(3.6, abs=0.1)
    assert list(tmp_path.iterdir()) == []


def test_times_of_a_clip_count_from_its_start(film: Path, tmp_path: Path) -> None:
    shots = find_shot_changes(film, ClipRange(start=0.4, end=2.0), tmp_path, 60)
    assert shots.times == pytest.approx([0.6], abs=FRAME / 2)


@pytest.mark.parametrize("name", ["a:b", "it's [1], 2;", "back\\slash"])
def test_any_folder_will_do(film: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    assert len(find_shot_changes(film, None, folder, 60).times) == 2


def test_what_was_found_is_known_again_for_the_same_film(film: Path, tmp_path: Path) -> None:
    shots = find_shot_changes(film, None, tmp_path, 60)
    known = tmp_path / "shot_changes.json"
    assert read_shot_changes(known, film, None) is None
    known.write_text(shots.model_dump_json(), encoding="utf-8")
    assert read_shot_changes(known, film, None) == shots
    assert read_shot_changes(known, film, ClipRange(start=0, end=1)) is None
    assert read_shot_changes(known, silence(tmp_path / "other.wav"), None) is None
    known.write_text("{", encoding="utf-8")
    assert read_shot_changes(known, film, None) is None


def test_no_picture_is_a_failure_with_a_cause(tmp_path: Path) -> None:
    with pytest.raises(DependencyError):
        find_shot_changes(silence(tmp_path / "sound.wav"), None, tmp_path, 60)
