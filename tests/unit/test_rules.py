#!/usr/bin/env python3
"""
Tests of rules that rewrite, cut or refuse: true lines pass, false ones do not.

The lines are in tests/fixtures/rules; tools/measure/rules.py gives both rates.
"""

from __future__ import annotations

import pytest

from tools.measure.rules import RULES, judged

# Of each rule: how many true lines and how many false ones there are at least.
TRUE_LINES, FALSE_LINES = 200, 50


# "english" reads the word lists of two languages, which takes seconds: tests/integration.
@pytest.mark.parametrize("name", [name for name in RULES if name != "english"])
def test_true_lines_pass_and_false_ones_do_not(name: str) -> None:
    found = judged(RULES[name])
    assert len(found.true) >= TRUE_LINES and len(found.false) >= FALSE_LINES
    assert found.refused == [] and found.passed == []
