#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/gate.py: whose turn it is, and that no slot is ever overfull."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from shared.core.errors import InterruptedRun
from shared.pipeline.batch.executor import ONE_GPU, WHOLE, Slot
from shared.pipeline.batch.gate import Gate, Need
from shared.pipeline.run.interrupt import Stop
from tests.support.commands import wait_until

CPU = Slot("cpu", "CPU", WHOLE)
GPUS = [Slot(f"gpu{n}", "GPU", ONE_GPU) for n in range(2)]


class Attempts:
    """Attempts that wait in threads of their own, and run until they are ended."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.begun: list[str] = []
        self._ends: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def add(self, label: str, units: int, rank: int, order: int) -> None:
        """Have an attempt wait, and wait until it does."""
        self._ends[label] = threading.Event()
        need = Need("CPU", units, rank, order, label)
        thread = threading.Thread(target=self._run, args=(need,), daemon=True)
        self._threads.append(thread)
        before = len(self.gate.waiting()) + len(self.begun)
        thread.start()
        wait_until(lambda: len(self.gate.waiting()) + len(self.begun) > before)

    def end(self, label: str) -> None:
        """Let an attempt that runs come to its end."""
        number = len(self.gate.occupied())
        self._ends[label].set()
        wait_until(lambda: label not in [one.label for one in self.gate.occupied()])
        wait_until(lambda: len(self.begun) >= number)

    def end_all(self) -> None:
        """Let all run to their end."""
        for event in self._ends.values():
            event.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def _run(self, need: Need) -> None:
        with self.gate.place(need, Stop()):
            self.begun.append(need.label)
            self._ends[need.label].wait(60)


@contextmanager
def attempts(slots: Sequence[Slot] = (CPU,)) -> Iterator[Attempts]:
    """Attempts at a new gate."""
    made = Attempts(Gate(slots))
    yield made
    made.end_all()


def test_the_latest_stage_goes_first_then_the_film_that_began_first() -> None:
    with attempts() as some:
        some.add("at work", WHOLE, 1, 9)
        some.add("film 1, demux", WHOLE, 1, 1)
        some.add("film 3, asr", WHOLE, 6, 3)
        some.add("film 2, asr", WHOLE, 6, 2)
        assert some.gate.waiting() == ["film 2, asr", "film 3, asr", "film 1, demux"]
        for label in ("at work", "film 2, asr", "film 3, asr"):
            some.end(label)
        wait_until(lambda: some.begun[-1] == "film 1, demux")
    assert some.begun == ["at work", "film 2, asr", "film 3, asr", "film 1, demux"]


def test_the_film_that_somebody_wants_first_comes_before_all() -> None:
    with attempts() as some:
        some.add("at work", WHOLE, 1, 9)
        some.add("film 1, mux", WHOLE, 12, 1)
        some.add("film 2, demux", WHOLE, 1, 2)
        some.gate.put_first(2)
        assert some.gate.waiting()[0] == "film 2, demux"
        some.gate.put_first(1)
        assert some.gate.waiting()[0] == "film 1, mux"


def test_what_is_too_large_is_waited_for_and_nothing_smaller_slips_by() -> None:
    with attempts() as some:
        some.add("half", 500, 1, 0)
        some.add("whole", WHOLE, 6, 1)
        some.add("small", 10, 1, 2)
        assert some.begun == ["half"]
        some.end("half")
        wait_until(lambda: "whole" in some.begun)
        assert "small" not in some.begun


def test_a_closed_gate_lets_nothing_in_and_an_open_one_does() -> None:
    with attempts() as some:
        some.add("at work", 500, 1, 0)
        some.gate.close("paused")
        some.add("later", 100, 1, 1)
        some.end("at work")
        assert (some.gate.closed, some.begun) == ("paused", ["at work"])
        some.gate.open()
        wait_until(lambda: some.begun == ["at work", "later"])


def test_who_is_asked_to_stop_waits_no_longer_and_leaves_no_trace() -> None:
    gate, stop = Gate([CPU]), Stop()
    with gate.place(Need("CPU", WHOLE, 1, 0, "at work"), Stop()):
        threading.Timer(0.2, stop.ask).start()
        with pytest.raises(InterruptedRun), gate.place(Need("CPU", 1, 1, 1), stop):
            raise AssertionError("nothing is free")
        assert gate.waiting() == []
    assert gate.is_idle_for(WHOLE)


def test_more_than_a_machine_has_is_all_of_it() -> None:
    gate = Gate([CPU])
    with gate.place(Need("CPU", 5 * WHOLE, 1, 0), Stop()):
        assert not gate.is_idle_for(1)


def test_one_gpu_that_is_named_is_waited_for_although_the_other_is_free() -> None:
    gate, stop = Gate([CPU, *GPUS]), Stop()
    wanted = Need("GPU", ONE_GPU, 6, 0, "a", only="gpu1")
    with gate.place(wanted, Stop()) as slot:
        assert slot.name == "gpu1"
        threading.Timer(0.2, stop.ask).start()
        with pytest.raises(InterruptedRun), gate.place(wanted, stop):
            raise AssertionError("it is taken")
        with gate.place(Need("GPU", ONE_GPU, 6, 1, "b"), Stop()) as other:
            assert other.name == "gpu0"


@pytest.mark.parametrize("seed", range(3))
def test_no_slot_is_ever_overfull_whatever_comes_and_goes(seed: int) -> None:
    chance = random.Random(seed)
    slots = [CPU, *GPUS]
    gate, used, most = Gate(slots), Counter[str](), {slot.name: slot.units for slot in slots}
    lock, faults = threading.Lock(), []

    def film(order: int) -> None:
        for rank in range(1, 13):
            on_gpu = chance.random() < 0.4
            units = ONE_GPU if on_gpu else chance.choice((1, 300, 500, 900, 1500))
            need = Need("GPU" if on_gpu else "CPU", units, rank, order, f"{order} {rank}")
            with gate.place(need, Stop()) as slot:
                taken = min(units, slot.units)
                with lock:
                    used[slot.name] += taken
                    if used[slot.name] > most[slot.name] or (slot.kind == "GPU") != on_gpu:
                        faults.append((slot.name, used[slot.name]))
                threading.Event().wait(chance.random() / 500)
                with lock:
                    used[slot.name] -= taken

    threads = [threading.Thread(target=film, args=(order,), daemon=True) for order in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert faults == [] and set(used.values()) == {0}
    with ExitStack() as all_of_it:
        for need in (Need("CPU", WHOLE, 1, 0), *(Need("GPU", 1, 1, 0) for _ in GPUS)):
            all_of_it.enter_context(gate.place(need, Stop()))


def test_only_a_slot_that_offers_what_is_wanted_is_given_and_one_that_is_gone_is_not() -> None:
    home = Slot("cpu", "CPU", WHOLE, offers=frozenset({"home"}))
    one = Slot("one", "CPU", 4 * WHOLE, offers=frozenset({"asr"}))
    two = Slot("two", "CPU", WHOLE // 2, offers=frozenset({"asr", "llm"}))
    gate, stop = Gate([home, one]), Stop()
    here = Need("CPU", 10, rank=1, order=1, wants=frozenset({"home"}))
    asr = Need("CPU", WHOLE, rank=6, order=1, wants=frozenset({"asr"}))
    llm = Need("CPU", WHOLE, rank=10, order=1, wants=frozenset({"llm"}))
    assert gate.can_ever(asr) and not gate.can_ever(llm)
    with gate.place(here, stop) as first, gate.place(asr, stop) as second:
        assert (first, second) == (home, one)
        gate.set_slots([home, two])  # it is away with what it has
        assert gate.can_ever(llm)
        with gate.place(llm, stop) as third:  # larger than the slot: all of it
            assert third == two
            gate.set_slots([home, one, two])  # it is back, and still has it
            with gate.place(replace(asr, units=3 * WHOLE), stop) as fourth:
                assert fourth == one
                taken = [one.units for one in gate.occupied() if one.slot == "one"]
                assert sum(taken) == 4 * WHOLE
                stop.ask("nothing is free")
                with pytest.raises(InterruptedRun), gate.place(asr, stop):
                    pytest.fail("it was let in")
