#!/usr/bin/env python3
"""Tests of shared/services/deadline.py, with a server that drips."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from shared.services.deadline import answer_within, each_within
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


def test_what_comes_one_after_another_has_its_time_between() -> None:
    def slow() -> Iterator[int]:
        for number in range(5):
            time.sleep(0.15)
            yield number

    assert list(each_within(0.6, slow())) == [0, 1, 2, 3, 4]


def test_a_source_that_falls_silent_or_fails_is_told_after_what_came() -> None:
    def silent() -> Iterator[int]:
        yield 1
        time.sleep(30)

    def failing() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    for source, error in ((silent(), TimeoutError), (failing(), ZeroDivisionError)):
        items = each_within(0.3, source)
        assert next(items) == 1
        with pytest.raises(error):
            next(items)
