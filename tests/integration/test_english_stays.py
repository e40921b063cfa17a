#!/usr/bin/env python3
"""Tests that English labelled Hindi stays English, with the real word lists."""

from __future__ import annotations

from tests.unit.test_rules import FALSE_LINES, TRUE_LINES
from tools.measure.rules import RULES, judged


def test_english_stays_and_roman_hindi_does_not() -> None:
    found = judged(RULES["english"])
    assert len(found.true) >= TRUE_LINES and len(found.false) >= FALSE_LINES
    assert found.refused == [] and found.passed == []
