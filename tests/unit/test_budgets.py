#!/usr/bin/env python3
"""Tests of shared/pipeline/budgets.py."""

from __future__ import annotations

import pytest

from shared.pipeline.budgets import expected_seconds, stage_timeout
from shared.stage_order import STAGE_ORDER


def test_a_timeout_grows_with_the_film_from_a_minimum() -> None:
    assert stage_timeout("asr", media_seconds=7200, factor=30, minimum=1800) == 60 * 120 * 30
    assert stage_timeout("asr", media_seconds=1, factor=30, minimum=1800) == 1800


@pytest.mark.parametrize("stage", STAGE_ORDER)
def test_a_stage_is_expected_to_end_long_before_its_timeout(stage: str) -> None:
    for seconds in (0.1, 60.0, 7200.0):
        assert 0 < expected_seconds(stage, seconds) < stage_timeout(stage, seconds, 30, 1800)
