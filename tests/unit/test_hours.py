#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/hours.py: the end of the night and the hours of the day."""

from __future__ import annotations

from datetime import datetime

import pytest

from shared.core.errors import InputError
from shared.pipeline.batch.hours import Hours, parse_clock, parse_hours


def at(clock: str, day: int = 30) -> datetime:
    """Return a time in November."""
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}+05:30")


@pytest.mark.parametrize(
    ("until", "began", "now", "is_over"),
    [
        ("06:00", at("22:00", 29), at("05:59"), False),
        ("06:00", at("22:00", 29), at("06:00"), True),
        ("06:00", at("22:00", 28), at("23:00", 28), False),
        ("23:30", at("22:00"), at("23:29"), False),
        ("23:30", at("22:00"), at("23:31"), True),
        ("22:00", at("22:00", 29), at("22:01", 29), False),
    ],
)
def test_the_end_is_the_next_time_that_the_clock_shows_it(
    until: str, began: datetime, now: datetime, is_over: bool
) -> None:
    assert Hours(until=parse_clock(until, "--until")).is_over(began, now) is is_over


@pytest.mark.parametrize(("clock", "is_over"), [("05:30", False), ("06:00", True)])
def test_the_end_is_what_the_clock_shows_in_a_night_in_which_it_is_put_back(
    clock: str, is_over: bool
) -> None:
    began = datetime.fromisoformat("2026-10-24T22:00+02:00")
    now = datetime.fromisoformat(f"2026-10-25T{clock}+01:00")
    assert Hours(until=parse_clock("06:00", "--until")).is_over(began, now) is is_over


@pytest.mark.parametrize(
    ("hours", "clock", "is_quiet"),
    [
        ("08:00-18:00", "07:59", False),
        ("08:00-18:00", "08:00", True),
        ("08:00-18:00", "17:59", True),
        ("08:00-18:00", "18:00", False),
        ("22:00-06:00", "23:00", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "12:00", False),
    ],
)
def test_quiet_hours_may_go_over_midnight(hours: str, clock: str, is_quiet: bool) -> None:
    assert Hours(quiet=parse_hours(hours)).is_quiet(at(clock)) is is_quiet


def test_without_hours_there_is_no_end() -> None:
    assert not Hours().is_over(at("00:00", 1), at("00:00")) and not Hours().is_quiet(at("12:00"))


@pytest.mark.parametrize("text", ["24:00", "6", "06:60", "six", "", "06:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no time of the day"):
        parse_clock(text, "--until")


@pytest.mark.parametrize("text", ["08:00", "08:00-08:00", "08:00-", "a-b"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_hours(text)
