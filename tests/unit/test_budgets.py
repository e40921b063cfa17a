#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/budgets.py."""

from __future__ import annotations

from shared.pipeline.plan.budgets import stage_timeout


def test_a_timeout_grows_with_the_film_from_a_minimum() -> None:
    assert stage_timeout("asr", media_seconds=7200, factor=30, minimum=1800) == 60 * 120 * 30
    assert stage_timeout("asr", media_seconds=1, factor=30, minimum=1800) == 1800
