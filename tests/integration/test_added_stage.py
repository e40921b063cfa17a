#!/usr/bin/env python3
"""The stage template of standards 4.1 as a thirteenth stage of a whole job: first and last."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.stage_order import STAGE_ORDER
from tests.support.added_stage import actions, add_stage, prepare, stage_from_template
from tests.support.commands import copy_checkout

pytestmark = pytest.mark.integration

NAME = "scene_notes"
# Where the stage goes: the stage after it, the stage whose file it reads, that file.
PLACES = {
    "first": ("demux", None, "{film}"),
    "last": (None, "lyrics_detection", "segments_lyrics.json"),
}
WHOLE = ["subtitle", "-t", "en"]


@pytest.fixture(scope="module")
def spoken_film(demo_film_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo film under a plain name."""
    return shutil.copy2(demo_film_path, tmp_path_factory.mktemp("film") / "Harbour.mkv")


@pytest.mark.parametrize("place", PLACES)
def test_a_whole_job_with_the_literal_template(
    spoken_film: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    root = copy_checkout(tmp_path / "checkout")
    (root / "venv" / "common").unlink()
    (root / "venv").rmdir()
    (root / "venv").symlink_to(PROJECT_ROOT / "venv")
    # One cache for all places: what the other stages do is the same.
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path_factory.getbasetemp() / "added-stage"))
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    before, previous, filename = PLACES[place]
    script = stage_from_template(NAME, previous, filename.format(film=spoken_film.name))
    add_stage(root, NAME, before, script)
    jobs = [
        prepare(root, spoken_film, *WHOLE, "--title", title, "--start", "0", "--end", "8")
        for title in (f"One {place}", f"Two {place}")
    ]
    first = actions(root, jobs[0], workflow="subtitle")
    assert [line.partition(":")[0] for line in first] == stages_with(before)
    assert f"{NAME}: done" in first
    assert actions(root, jobs[0], workflow="subtitle") == []
    assert f"{NAME}: cached" in actions(root, jobs[1], workflow="subtitle")
    for job_dir in jobs:
        (output,) = job_dir.glob(f"??_{NAME}/output.json")
        assert json.loads(output.read_text(encoding="utf-8")) == {"param": "default_value"}
        assert list(job_dir.glob("??_mux/*.mkv"))


def stages_with(before: str | None) -> list[str]:
    """Return the stages in order, with the new one."""
    place = STAGE_ORDER.index(before) if before else len(STAGE_ORDER)
    return [*STAGE_ORDER[:place], NAME, *STAGE_ORDER[place:]]
