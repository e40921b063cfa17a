#!/usr/bin/env python3
"""Tests of shared/services/deadline.py, with a server that drips."""

from __future__ import annotations

import time

import pytest
import requests

from shared.services.deadline import answer_within
from tests.support.commands import HANG_SECONDS
from tests.support.web import Database, serve


def test_an_answer_and_an_error_come_through() -> None:
    assert answer_within(HANG_SECONDS, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        answer_within(HANG_SECONDS, lambda: 1 // 0)


def test_a_byte_now_and_then_is_no_answer() -> None:
    with serve(Database(always="drip")) as address:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="no whole answer within 0.5 s"):
            answer_within(0.5, lambda: requests.get(f"{address}/search/x", timeout=30).content)
        assert time.monotonic() - began < HANG_SECONDS
