#!/usr/bin/env python3
"""
Time codes: from what a user types to seconds, and onto the frames of a film.

Usage:
    from shared.media.timecode import parse_time, snap_to_frame

    parse_time("1:02:03.5")            # 3723.5
    snap_to_frame(10.02, "24000/1001")
"""

from __future__ import annotations

import re
from fractions import Fraction

from shared.core.errors import InputError

TIME_FORM = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:[.,]\d{1,9})?)", re.ASCII)
SECONDS_PER_UNIT = 60


def parse_time(text: str, option: str = "time") -> float:
    """Return seconds from '90', '90.5', '1:30' or '1:02:03.500'.

    Args:
        text: What the user wrote; a comma may stand for the decimal point.
        option: The option it was given with, for the message.

    Raises:
        InputError: When it is no time, or minutes or seconds exceed 59 beside a larger unit.
    """
    match = TIME_FORM.fullmatch(text.strip())
    hint = "Write seconds (90.5) or hours:minutes:seconds (1:02:03.5)"
    if match is None:
        raise InputError(f"{option} {text!r} is not a time", hint=hint)
    hours, minutes, seconds = match.group(1), match.group(2), match.group(3).replace(",", ".")
    too_many_seconds = minutes is not None and float(seconds) >= SECONDS_PER_UNIT
    too_many_minutes = hours is not None and int(minutes or 0) >= SECONDS_PER_UNIT
    if too_many_seconds or too_many_minutes:
        raise InputError(f"{option} {text!r} is not a time: 60 or more beside a ':'", hint=hint)
    whole = int(hours or 0) * SECONDS_PER_UNIT + int(minutes or 0)
    return whole * SECONDS_PER_UNIT + float(seconds)


def snap_to_frame(seconds: float, frame_rate: str | None) -> float:
    """Return the time of the frame nearest to a time.

    Args:
        seconds: Seconds from the film's start.
        frame_rate: Frames per second as a fraction ('24000/1001'); None = no picture, no change.
    """
    if frame_rate is None:
        return seconds
    rate = Fraction(frame_rate)
    return float(round(Fraction(seconds) * rate) / rate)
