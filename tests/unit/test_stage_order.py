#!/usr/bin/env python3
"""Tests of shared/stage_order.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.environment_manager import STAGE_TO_ENV
from shared.stage_order import (
    STAGE_ORDER,
    STAGE_SCRIPTS,
    get_previous_stage,
    get_stage_dir,
    get_stage_number,
    get_stage_script,
    get_workflow_stages,
)


def test_every_stage_has_a_script_and_an_environment() -> None:
    assert list(STAGE_TO_ENV) == STAGE_ORDER
    assert all(get_stage_script(stage).is_file() for stage in STAGE_ORDER)
    assert set(STAGE_SCRIPTS) < set(STAGE_ORDER)


def test_a_script_is_found_by_the_name_of_its_stage(tmp_path: Path) -> None:
    assert get_stage_script("notes", tmp_path) == tmp_path / "notes.py"
    (tmp_path / "notes_stage.py").touch()
    assert get_stage_script("notes", tmp_path) == tmp_path / "notes_stage.py"
    (tmp_path / "notes.py").touch()
    assert get_stage_script("notes", tmp_path) == tmp_path / "notes.py"
    assert get_stage_script("asr", tmp_path) == tmp_path / "whisperx_asr.py"


def test_numbers_and_directories_follow_the_order() -> None:
    assert [get_stage_number(stage) for stage in STAGE_ORDER] == list(range(1, 13))
    assert get_stage_dir("demux") == "01_demux"
    assert get_stage_dir("mux") == "12_mux"
    assert sorted(map(get_stage_dir, STAGE_ORDER)) == list(map(get_stage_dir, STAGE_ORDER))


def test_workflows_are_beginnings_of_the_whole() -> None:
    assert get_workflow_stages("transcribe") == STAGE_ORDER[:9]
    assert get_workflow_stages("translate") == STAGE_ORDER[:10]
    assert get_workflow_stages("subtitle") == STAGE_ORDER


def test_each_stage_knows_the_one_before() -> None:
    assert get_previous_stage("demux") is None
    assert get_previous_stage("mux") == "subtitle_generation"


def test_unknown_names_are_errors() -> None:
    for function in (get_stage_number, get_stage_dir, get_previous_stage):
        with pytest.raises(ValueError):
            function("asrr")
    with pytest.raises(KeyError):
        get_workflow_stages("transcripe")
