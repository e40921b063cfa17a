#!/usr/bin/env python3
"""Tests of shared/services/breaker.py: when a service is asked, and what is told when not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.core.errors import EXIT_DEPENDENCY
from shared.services.breaker import ServiceBreaker, ServiceOpenError, service_breaker


class Refused(Exception):
    """The service answers, and says no."""


def one(address: str = "http://a/3") -> ServiceBreaker:
    """Return the breaker of a service, as a new process would."""
    return service_breaker(
        "TMDB",
        address,
        is_failure=lambda error: isinstance(error, OSError),
        is_hang=lambda error: isinstance(error, TimeoutError),
    )


def raising(error: BaseException) -> Callable[[], str]:
    """Return a request that fails."""

    def request() -> str:
        raise error

    return request


def fail(error: BaseException, times: int = 1, address: str = "http://a/3") -> None:
    """Let a request fail in processes of their own."""
    for _ in range(times):
        with pytest.raises(type(error)):
            one(address).call(raising(error))


def test_an_answer_is_handed_on() -> None:
    assert one().call(lambda: 7) == 7


def test_the_fifth_failure_in_a_row_opens_it() -> None:
    fail(ConnectionError(), 4)
    assert one().call(lambda: 7) == 7  # and all is forgotten
    fail(ConnectionError(), 5)
    with pytest.raises(ServiceOpenError):
        one().call(lambda: 7)


def test_one_time_out_is_enough() -> None:
    fail(TimeoutError())
    with pytest.raises(ServiceOpenError) as caught:
        one().call(lambda: 7)
    assert caught.value.exit_code == EXIT_DEPENDENCY
    assert re.fullmatch(
        r"TMDB failed lately and is not asked before \d\d:\d\d:\d\d", caught.value.cause
    )


def test_a_refusal_is_an_answer() -> None:
    fail(ConnectionError(), 4)
    fail(Refused(), 9)
    fail(ConnectionError(), 4)
    assert one().call(lambda: 7) == 7


def test_an_interruption_is_no_success() -> None:
    fail(ConnectionError(), 4)
    fail(KeyboardInterrupt())
    with pytest.raises(ServiceOpenError):
        one().call(lambda: 7)


def test_another_address_is_another_service() -> None:
    fail(TimeoutError())
    assert one("http://b/3").call(lambda: 7) == 7
    with pytest.raises(ServiceOpenError):
        one("http://a/3/").call(lambda: 7)


def test_the_configuration_says_how_often_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CP_SERVICE_FAILURES", "2")
    monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "1")
    fail(ConnectionError(), 2)
    with pytest.raises(ServiceOpenError):
        one().call(lambda: 7)
    monkeypatch.setenv("CP_SERVICE_RECOVERY_SECONDS", "0.001")
    assert one().call(lambda: 7) == 7


def test_the_state_lies_with_the_jobs_and_names_no_address(output_root: Path) -> None:
    fail(ConnectionError(), address="http://user:secret@a/3")
    (kept,) = (output_root / ".services").glob("*.json")
    assert re.fullmatch(r"tmdb-[0-9a-f]{12}\.json", kept.name)
    assert "secret" not in kept.read_text() and os.access(kept, os.R_OK)
