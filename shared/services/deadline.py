#!/usr/bin/env python3
"""
Deadline: a call that has its answer within a time, or none.

A time-out of a socket bounds each read, not the whole answer, and a name look-up knows none at all:
a service that sends a byte every few seconds, or a name server that is silent, would never end.

Usage:
    from shared.services.deadline import answer_within

    film = answer_within(10.0, lambda: requests.get(address, timeout=10))
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Answer = TypeVar("Answer")


def answer_within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """Return what a call returns, if it does so in time.

    Args:
        seconds: The time for all of it; what is late goes on in a thread that ends nothing.
        call: Asks a service; it must not change anything here.

    Raises:
        TimeoutError: There is no answer yet.
        Exception: What the call raised.
    """
    answers: queue.Queue[tuple[Answer | None, Exception | None]] = queue.Queue()

    def ask() -> None:
        try:
            answers.put((call(), None))
        except Exception as error:  # handed on to the caller
            answers.put((None, error))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no whole answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # without an error it is the answer


def each_within(seconds: float, items: Iterable[Answer]) -> Iterator[Answer]:
    """Yield what comes one after another, if each comes in time.

    Args:
        seconds: The time for each item, from the one before; what is late goes on in a thread that
            ends nothing, until its source is closed.
        items: Come from a service.

    Raises:
        TimeoutError: The next one is not there yet.
        Exception: What the source raised.
    """
    coming: queue.Queue[tuple[list[Answer], Exception | None]] = queue.Queue()

    def take() -> None:
        try:
            for item in items:
                coming.put(([item], None))
            coming.put(([], None))
        except Exception as error:  # handed on to the caller
            coming.put(([], error))

    threading.Thread(target=take, daemon=True).start()
    while True:
        try:
            got, error = coming.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"nothing more within {seconds:g} s") from None
        if error is not None:
            raise error
        if not got:
            return
        yield from got
