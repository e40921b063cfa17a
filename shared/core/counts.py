#!/usr/bin/env python3
"""
Counts: a number and its noun, as a person says them.

Usage:
    from shared.core.counts import counted

    counted(1, "line"), counted(2, "line"), counted(2, "entry", "entries")
"""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return '1 line', '2 lines'.

    Args:
        number: How many.
        noun: Of one.
        plural: Of several; empty = with an s.
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
