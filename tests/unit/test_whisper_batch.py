#!/usr/bin/env python3
"""Tests of the pure part of scripts/whisper/batch.py: threads that meet to ask together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.whisper.batch import Heard, Rendezvous, Wish


class Network:
    """Answers each wish with twice its number and remembers who asked together."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.calls: list[list[int]] = []
        self.fails_at = fails_at

    def __call__(self, wishes: Sequence[Wish]) -> None:
        self.calls.append([wish.item for wish in wishes])
        if len(self.calls) - 1 == self.fails_at:
            raise MemoryError("CUDA out of memory")
        for wish in wishes:
            wish.answer = 2 * wish.item


def work(network: Network, asks: list[int], workers: int) -> list[Any]:
    """Let threads work on items that ask so many times each; return the items' last answers."""
    meeting = Rendezvous(network, len(asks), workers)

    def run(item: int) -> Any:
        try:
            answer = None
            for _ in range(asks[item]):
                answer = meeting.ask(Wish(item, ("generate",), Heard(None), {}, {}))
            return answer
        finally:
            meeting.finish()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, range(len(asks))))


@given(st.lists(st.integers(0, 4), max_size=9), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_everybody_is_answered_and_the_batches_are_always_the_same(
    asks: list[int], workers: int
) -> None:
    first, second = Network(), Network()
    found = work(first, asks, workers)
    assert found == [2 * item if count else None for item, count in enumerate(asks)]
    assert work(second, asks, workers) == found
    assert first.calls == second.calls
    assert sum(map(len, first.calls)) == sum(asks)
    assert all(call == sorted(call) and len(call) <= workers for call in first.calls)


def test_a_new_item_takes_the_place_of_one_that_is_done() -> None:
    network = Network()
    work(network, [1, 3, 2], workers=2)
    assert network.calls == [[0, 1], [1, 2], [1, 2]]


def test_what_the_network_raises_reaches_every_thread() -> None:
    network = Network(fails_at=1)
    with pytest.raises(MemoryError, match="out of memory"):
        work(network, [2, 2, 2, 2], workers=3)
    assert len(network.calls) == 2


def test_who_waits_is_sent_home_when_the_work_is_given_up() -> None:
    meeting = Rendezvous(Network(), 2, 2)
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            meeting.ask(Wish(0, ("align",), Heard(None), {}, {}))
        except RuntimeError as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    meeting.abandon(RuntimeError("enough"))
    thread.join(timeout=10)
    assert [str(error) for error in ended] == ["enough"]
