#!/usr/bin/env python3
"""
Clock: times as subtitle files write them.

Usage:
    from shared.subtitles.base.clock import clock_time

    clock_time(62.5)         # '00:01:02.500'
    clock_time(62.5, ",")    # '00:01:02,500'
"""

from __future__ import annotations

MILLISECONDS = 1000


def clock_time(seconds: float, point: str = ".") -> str:
    """Return hours, minutes, seconds and thousandths; what lies before the film is its start.

    Args:
        seconds: Since the film's start.
        point: In front of the thousandths.
    """
    whole, thousandths = divmod(round(max(0.0, seconds) * MILLISECONDS), MILLISECONDS)
    return f"{whole_seconds(whole)}{point}{thousandths:03d}"


def hundredths_time(seconds: float) -> str:
    """Return hours, minutes, seconds and hundredths as ASS writes them.

    Args:
        seconds: Since the film's start.
    """
    whole, hundredths = divmod(round(max(0.0, seconds) * 100), 100)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{hundredths:02d}"


def whole_seconds(seconds: int) -> str:
    """Return hours, minutes and seconds.

    Args:
        seconds: Since the film's start.
    """
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
