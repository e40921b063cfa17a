#!/usr/bin/env python3
"""Tests of shared/stage_order.py."""

from __future__ import annotations

import pytest

from shared.core.paths import SCRIPTS_DIR
from shared.environment_manager import STAGE_TO_ENV
from shared.pipeline.plan.budgets import PERFORMANCE_BUDGETS
from shared.stage_order import (
    STAGE_ORDER,
    STAGE_SCRIPTS,
    get_previous_stage,
    get_stage_dir,
    get_stage_number,
    get_workflow_stages,
)


def test_every_stage_has_a_script_an_environment_and_a_budget() -> None:
    for table in (STAGE_SCRIPTS, STAGE_TO_ENV, PERFORMANCE_BUDGETS):
        assert list(table) == STAGE_ORDER
    assert all((SCRIPTS_DIR / script).is_file() for script in STAGE_SCRIPTS.values())


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
