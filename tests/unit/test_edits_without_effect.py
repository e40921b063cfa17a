#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/edits_without_effect.py, against what stages read and write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.plan.edits_without_effect import FOR_READING, edits_without_effect
from shared.stage_order import get_stage_dir
from tests.support.checkpoints import make_checkpoint


def made(job_dir: Path, stage: str, *names: str) -> None:
    """Let a stage have written files."""
    folder = job_dir / get_stage_dir(stage)
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text(f"{name}\n")
    record = make_checkpoint(stage, outputs=describe_outputs(folder))
    CheckpointManager(job_dir).save_record(record)


@pytest.mark.parametrize("place", list(FOR_READING), ids=lambda place: "/".join(place))
def test_an_edit_that_nothing_is_made_from_is_told_once_it_is_one(
    tmp_path: Path, place: tuple[str, str]
) -> None:
    stage, name = place
    made(tmp_path, stage, name, "transcript.json")
    assert edits_without_effect(tmp_path) == []
    (tmp_path / get_stage_dir(stage) / name).write_text("edited\n")
    (told,) = edits_without_effect(tmp_path)
    assert told.startswith(f"{get_stage_dir(stage)}/{name} was edited, and nothing is made from it")
    assert ("transcript.json" in told) == bool(FOR_READING[place])


def test_an_edit_that_has_its_effect_is_not_told(tmp_path: Path) -> None:
    made(tmp_path, "export_transcript", "transcript.json")
    made(tmp_path, "asr", "segments.json")
    for stage, name in (("export_transcript", "transcript.json"), ("asr", "segments.json")):
        (tmp_path / get_stage_dir(stage) / name).write_text("edited\n")
    assert edits_without_effect(tmp_path) == []


def test_no_stage_asks_for_what_is_only_for_reading() -> None:
    """A stage asks by name and stage; of lint.json only the names of files count."""
    asked = re.compile(r'get_input_path\(\s*"([^"]+)",\s*from_stage="([^"]+)"')
    scripts = (PROJECT_ROOT / "scripts").rglob("*.py")
    found = {(stage, name) for one in scripts for name, stage in asked.findall(one.read_text())}
    assert len(found) > 5
    assert not found & FOR_READING.keys()
