#!/usr/bin/env python3
"""
Examples: how many examples a property test tries, more with --hypothesis-profile=deep.

Usage:
    from tests.support.examples import examples

    @examples(40)
    @given(st.text())
    def test_it(text: str) -> None: ...
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings

# Of a test that says nothing of its own.
USUAL = 50


def examples(number: int, **others: Any) -> settings:
    """Return the settings of a property test.

    Args:
        number: Examples in a usual run; a deep one tries as many times more as its profile says.
        others: Further settings of Hypothesis.
    """
    usual = settings.default or settings()
    return settings(max_examples=number * usual.max_examples // USUAL, **others)
