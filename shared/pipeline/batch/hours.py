#!/usr/bin/env python3
"""
Hours: until when a batch begins stages, and at which hours of the day it does not.

Usage:
    from shared.pipeline.batch.hours import Hours, parse_clock, parse_hours

    hours = Hours(until=parse_clock("06:00", "--until"), quiet=parse_hours("08:00-18:00"))
    hours.over(began, now), hours.is_quiet(now)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from shared.core.errors import InputError

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Hours:
    """When stages may begin, by the clock on the wall.

    Attributes:
        until: No stage begins after this time comes next; None = whenever.
        quiet: From and to, each day, also over midnight; no stage begins in between.
    """

    until: time | None = None
    quiet: tuple[time, time] | None = None

    def is_over(self, began: datetime, now: datetime) -> bool:
        """Return whether the time has come after which nothing begins.

        Args:
            began: When the batch began.
            now: Local time.
        """
        if self.until is None:
            return False
        start, clock = began.replace(tzinfo=None), now.replace(tzinfo=None)  # summer time may end
        end = datetime.combine(start.date(), self.until)
        if end <= start:
            end += timedelta(days=1)
        return clock >= end

    def is_quiet(self, now: datetime) -> bool:
        """Return whether it is an hour in which nothing begins.

        Args:
            now: Local time.
        """
        if self.quiet is None:
            return False
        start, end = self.quiet
        clock = now.time()
        return start <= clock < end if start <= end else clock >= start or clock < end


def parse_clock(text: str, option: str) -> time:
    """Return a time of the day.

    Args:
        text: Such as 06:00.
        option: The option it was given with.

    Raises:
        InputError: It is none.
    """
    match = CLOCK.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{option} {text}: this is no time of the day", hint=f"{option} 06:00")
    return time(int(match[1]), int(match[2]))


def parse_hours(text: str, option: str = "--not-between") -> tuple[time, time]:
    """Return the hours of a day from one time to another.

    Args:
        text: Such as 08:00-18:00.
        option: The option they were given with.

    Raises:
        InputError: They are none, or nothing lies between them.
    """
    start, separator, end = text.partition("-")
    if not separator:
        raise InputError(f"{option} {text}: from when to when?", hint=f"{option} 08:00-18:00")
    hours = parse_clock(start, option), parse_clock(end, option)
    if hours[0] == hours[1]:
        raise InputError(f"{option} {text}: nothing lies between", hint=f"{option} 08:00-18:00")
    return hours
