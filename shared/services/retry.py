#!/usr/bin/env python3
"""
Retry: how long to wait for an answer of a service that may be better in a moment.

Usage:
    from shared.services.retry import asked_wait, wait_as_told

    Retrying(wait=wait_as_told(first=1.0), retry=..., stop=stop_after_attempt(3))
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from tenacity import RetryCallState

# Nobody waits longer within one run; a service that asks for more is one that is not there.
LONGEST_WAIT = 30.0
MILLISECONDS = 1000.0


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a service asks its caller to wait, None where it says nothing.

    Args:
        headers: Of its answer: `retry-after-ms`, or `Retry-After` in seconds, whole or not, or as
            a date (RFC 9110, 10.2.3).
    """
    told = _number(headers.get("retry-after-ms", ""))
    if told is not None:
        return told / MILLISECONDS
    text = headers.get("Retry-After", headers.get("retry-after", "")).strip()
    told = _number(text)
    if told is not None:
        return told
    try:
        left = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return left if left > 0 else None  # a date that is over asks for nothing


def wait_as_told(first: float, longest: float = LONGEST_WAIT) -> Callable[[RetryCallState], float]:
    """Return a tenacity wait: what the service asks for, else `first` and twice that each time.

    Args:
        first: Seconds before the second try.
        longest: Most seconds before any.
    """

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        told = wait_of(error)
        backoff = first * 2 ** (state.attempt_number - 1)
        return float(min(longest, backoff if told is None else told))

    return wait


def wait_of(error: BaseException | None) -> float | None:
    """Return the seconds that a service asks to wait, None where an error says nothing of it.

    Args:
        error: One with a `response`, as requests and httpx raise them, or with `retry_after`.
    """
    response: Any = getattr(error, "response", None)
    told: float | None = getattr(error, "retry_after", None)
    return told if response is None else asked_wait(response.headers)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
