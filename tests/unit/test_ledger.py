#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/ledger.py: batches count each other, and the dead not."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from shared.pipeline.batch.executor import ONE_GPU, WHOLE, Slot
from shared.pipeline.batch.gate import Gate, Need
from shared.pipeline.batch.ledger import Ledger, ledger_folders
from shared.pipeline.run.interrupt import Stop

CPU = Slot("cpu", "CPU", WHOLE)


def test_what_one_batch_holds_another_does_not_get(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path), Ledger(tmp_path)
    assert one.take(CPU, 600, 1.0) == ""
    assert str(os.getpid()) in other.take(CPU, 500, 2.0)
    assert other.take(CPU, 400, 3.0) == ""
    one.give_back(CPU, 600)
    assert other.take(CPU, 600, 4.0) == ""
    other.close()
    assert one.take(CPU, WHOLE, 5.0) == ""


def test_a_large_need_has_its_turn(tmp_path: Path) -> None:
    busy, large = Ledger(tmp_path), Ledger(tmp_path)
    assert busy.take(CPU, 500, 1.0) == ""
    assert large.take(CPU, WHOLE, 2.0)
    assert busy.take(CPU, 500, 3.0)  # it came later, though there is room
    busy.give_back(CPU, 500)
    assert large.take(CPU, WHOLE, 2.0) == ""
    large.give_back(CPU, WHOLE)
    assert busy.take(CPU, 500, 3.0) == ""


def test_who_waits_no_more_keeps_nothing(tmp_path: Path) -> None:
    busy, paused = Ledger(tmp_path), Ledger(tmp_path)
    assert busy.take(CPU, 500, 1.0) == ""
    assert paused.take(CPU, WHOLE, 2.0)
    paused.want_nothing()
    assert busy.take(CPU, 500, 3.0) == ""


def test_who_is_killed_holds_nothing(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        Ledger(tmp_path).take(CPU, WHOLE, 1.0)
        os.write(writer, b"t")
        time.sleep(60)
        os._exit(0)
    os.read(reader, 1)
    ledger = Ledger(tmp_path)
    assert ledger.take(CPU, 1, 2.0)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert ledger.take(CPU, WHOLE, 2.0) == ""
    assert len(list(tmp_path.glob("*.json"))) == 1
    for descriptor in (reader, writer):
        os.close(descriptor)


def test_a_gpu_is_the_same_one_whichever_number_a_batch_gives_it(tmp_path: Path) -> None:
    variables = (("CUDA_VISIBLE_DEVICES", "3"),)
    first, second = Slot("gpu0", "GPU", ONE_GPU, variables), Slot("gpu1", "GPU", ONE_GPU, variables)
    one, other = Ledger(tmp_path), Ledger(tmp_path)
    assert one.take(first, ONE_GPU, 1.0) == ""
    assert other.take(second, ONE_GPU, 2.0)


def test_damaged_and_foreign_notes_stop_nobody(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    (tmp_path / "damaged.json").write_text("{")
    (tmp_path / "list.json").write_text("[1]")
    assert ledger.take(CPU, WHOLE, 1.0) == ""
    assert Ledger(Path("/proc/none")).take(CPU, WHOLE, 1.0) == ""


def test_batches_of_one_user_with_jobs_in_two_places_count_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "new" / "state"))
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here, again = (Ledger(*ledger_folders(tmp_path / "here")) for _ in range(2))
    there = Ledger(*ledger_folders(tmp_path / "there"))
    assert here.take(CPU, 600, 1.0) == ""
    assert again.take(CPU, 300, 2.0) == ""  # in both folders, and counted once
    assert there.take(CPU, 101, 3.0) and there.take(CPU, 100, 3.0) == ""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user's"))
    other = Ledger(*ledger_folders(tmp_path / "there"))
    assert other.take(CPU, 901, 4.0) and other.take(CPU, 900, 4.0) == ""
    for one in (here, again, there, other):
        one.close()
    assert list(tmp_path.rglob("*.json")) == []


@pytest.mark.parametrize("seed", range(3))
def test_two_gates_never_give_more_than_there_is_and_nobody_starves(
    tmp_path: Path, seed: int
) -> None:
    gates = [Gate([CPU], Ledger(tmp_path)) for _ in range(2)]
    guard, used, most, done = threading.Lock(), [0], [0], []

    def work(number: int) -> None:
        units = (WHOLE, 300, 500, 700)[(number + seed) % 4]
        with gates[number % 2].place(Need("CPU", units, 1, number), Stop()):
            with guard:
                used[0] += units
                most[0] = max(most[0], used[0])
            time.sleep(0.002)
            with guard:
                used[0] -= units
                done.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while any(thread.is_alive() for thread in threads) and time.monotonic() < deadline:
        for gate in gates:
            gate.open()  # as a batch does at each look
        time.sleep(0.005)
    assert sorted(done) == list(range(24)) and 0 < most[0] <= WHOLE
