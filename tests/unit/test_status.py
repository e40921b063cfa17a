#!/usr/bin/env python3
"""Tests of shared/services/status.py."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from shared.services.status import may_pass, said_by


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507, 520, 529, 598])
def test_what_is_busy_or_broken_may_pass(status: int) -> None:
    assert may_pass(status)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 402, 403, 404, 407, 410, 451, 501, 511])
def test_what_is_refused_stays_so(status: int) -> None:
    assert not may_pass(status)


def test_too_many_requests_is_later() -> None:
    told = said_by("The model hub", 429)
    assert told == "The model hub asks to come back later (HTTP 429)"


@pytest.mark.parametrize("status", [*map(int, HTTPStatus), 520, 529, 599, 418, 299])
def test_every_status_is_said_in_one_line_with_its_number(status: int) -> None:
    told = said_by("TMDB", status)
    assert told.startswith("TMDB ") and f"HTTP {status})" in told and "\n" not in told
