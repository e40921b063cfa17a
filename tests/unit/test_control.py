#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/control.py: batches found, held, asked."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.pipeline.batch.control import (
    RunningBatchError,
    find_batches,
    hold_batch,
    is_running,
    request,
    running_batch,
    take_requests,
)
from shared.pipeline.batch.record import BatchRecord, read_batch, write_batch


def record(key: str = "a", user: str = "me") -> BatchRecord:
    """Return a new batch's record."""
    return BatchRecord(
        key=key,
        command=[],
        workflow="subtitle",
        user=user,
        host="here",
        pid=os.getpid(),
        created_at="2026-11-30T22:00:00+00:00",
    )


def test_a_batch_is_held_as_long_as_it_runs_and_the_same_is_not_begun_twice(tmp_path: Path) -> None:
    with hold_batch(tmp_path, record()) as folder:
        assert is_running(folder) and running_batch(tmp_path) == folder
        with pytest.raises(RunningBatchError, match=f"process {os.getpid()}"):
            with hold_batch(tmp_path, record()):
                raise AssertionError("it runs already")
        with hold_batch(tmp_path, record("b")) as other:
            assert other != folder
            with pytest.raises(InputError, match="2 batches are running"):
                running_batch(tmp_path)
    assert not is_running(folder)
    with hold_batch(tmp_path, record()) as again:
        assert find_batches(tmp_path)[0] == again and len(find_batches(tmp_path)) == 3


def test_of_two_that_begin_at_once_one_runs(tmp_path: Path) -> None:
    began, end, told = threading.Barrier(8), threading.Event(), []

    def begin() -> None:
        began.wait()
        try:
            with hold_batch(tmp_path, record()):
                told.append("runs")
                end.wait(60)
        except RunningBatchError:
            told.append("leaves")
            if told.count("leaves") == 7:
                end.set()

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(told) == ["leaves"] * 7 + ["runs"]


def test_the_latest_is_the_one_with_the_highest_number_whoever_it_is_for(tmp_path: Path) -> None:
    made = []
    for number in range(11):
        with hold_batch(tmp_path, record(user="me" if number % 2 else "you")) as folder:
            made.append(folder)
    numbers = [int(folder.name.removeprefix("batch-")) for folder in find_batches(tmp_path)]
    assert numbers == sorted(numbers, reverse=True) and len(numbers) == 11


def test_what_is_asked_is_heard_once_and_in_order(tmp_path: Path) -> None:
    with hold_batch(tmp_path, record()) as folder:
        heard: list[tuple[str, str]] = []
        over = threading.Event()

        def hear() -> None:
            while not over.wait(0.01):
                heard.extend(take_requests(folder))

        thread = threading.Thread(target=hear)
        thread.start()
        assert request(folder, "pause") and request(folder, "cancel", "/films/a.mkv")
        over.set()
        thread.join()
        assert heard == [("pause", ""), ("cancel", "/films/a.mkv")]
    assert request(folder, "resume") is False  # it has ended
    assert take_requests(folder) == []


def test_a_record_that_is_none_is_refused_with_its_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no batch"):
        read_batch(tmp_path)
    write_batch(tmp_path, record())
    assert read_batch(tmp_path) == record()
    (tmp_path / "batch.json").write_text('{"key": "a"}')
    with pytest.raises(InputError, match="Field required"):
        read_batch(tmp_path)
