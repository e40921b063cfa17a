#!/usr/bin/env python3
"""
Calls: what is told of each call of a service: how long it took and what came of it.

Usage:
    from shared.services.calls import Call, hear_calls

    hear_calls(lambda call: print(call.service, call.outcome, call.seconds))
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

Answer = TypeVar("Answer")
Outcome = Literal["success", "failure", "refused"]


@dataclass(frozen=True)
class Call:
    """One call: began, in seconds since 1970; 'refused' when the service was not even asked."""

    service: str
    outcome: Outcome
    began: float
    seconds: float
    error: str = ""


_listeners: list[Callable[[Call], None]] = []


def hear_calls(listener: Callable[[Call], None]) -> None:
    """Have each call told that this process makes from now on.

    Args:
        listener: Called when a call has ended, in the thread that made it.
    """
    _listeners[:] = [listener]


def told(
    service: str,
    call: Callable[[], Answer],
    is_refusal: Callable[[BaseException], bool] = lambda error: False,
) -> Answer:
    """Return what a call of a service returns, and tell who listens what came of it.

    Args:
        service: As people call it.
        call: Asks it.
        is_refusal: Whether an error means that the service was not asked.

    Raises:
        Exception: What the call raised.
    """
    began, started = time.time(), time.monotonic()
    outcome: Outcome = "success"
    error = ""
    try:
        return call()
    except BaseException as raised:
        outcome, error = "refused" if is_refusal(raised) else "failure", type(raised).__name__
        raise
    finally:
        seconds = time.monotonic() - started
        for listener in _listeners:
            listener(Call(service, outcome, began, seconds, error))
