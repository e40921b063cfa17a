#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/dask_executor.py, in the environment that has dask.distributed."""

from __future__ import annotations

import json
import subprocess
import textwrap
from typing import Any

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.environment_manager import EnvironmentManager
from tests.support.commands import HANG_SECONDS

pytestmark = pytest.mark.environments("batch")
PROLOGUE = """
import json, os, socket, sys, threading, time
sys.path.insert(0, os.getcwd())
import psutil
from shared.core.errors import DependencyError, InterruptedRun, UnavailableError
from shared.pipeline.batch.dask_executor import DaskExecutor
from shared.pipeline.batch.executor import ONE_GPU, WHOLE, Slot
from shared.pipeline.batch.gate import Gate, Need
from shared.pipeline.run.interrupt import Stop
CPU = Slot("cpu", "CPU", WHOLE)
GPUS = [Slot(f"gpu{n}", "GPU", ONE_GPU, (("CUDA_VISIBLE_DEVICES", str(n)),)) for n in range(2)]
"""


def run_in_batch(body: str) -> Any:
    """Run code in venv/batch; return what it printed as JSON."""
    python = EnvironmentManager().python("batch")
    done = subprocess.run(
        [str(python), "-c", PROLOGUE + textwrap.dedent(body)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_answer_and_every_kind_of_failure_come_back_as_they_are() -> None:
    told = run_in_batch("""
        def fail(error):
            raise error
        errors = [UnavailableError("no", hint="do"), InterruptedRun("stop"), ValueError("x"),
                  SystemExit(3)]
        told = []
        with DaskExecutor([CPU]) as executor:
            told.append(executor.submit("cpu", 1, lambda: {"a": 1}).wait(30.0))
            for error in errors:
                try:
                    executor.submit("cpu", 1, lambda: fail(error)).wait(30.0)
                except BaseException as caught:
                    told.append([type(caught).__name__, str(caught), getattr(caught, "hint", "")])
            told.append(executor.submit("cpu", 1, lambda: "still there").wait(30.0))
        print(json.dumps(told))
        """)
    assert told == [
        {"a": 1},
        ["UnavailableError", "no", "do"],
        ["InterruptedRun", "stop", ""],
        ["ValueError", "x", ""],
        ["SystemExit", "3", ""],
        "still there",
    ]


def test_what_does_not_end_in_its_time_is_told_and_nothing_hangs() -> None:
    told = run_in_batch("""
        began = time.monotonic()
        end = threading.Event()
        with DaskExecutor([CPU]) as executor:
            try:
                executor.submit("cpu", 1, lambda: end.wait(60)).wait(0.5)
            except DependencyError as error:
                told = error.cause
            end.set()
        print(json.dumps([told, time.monotonic() - began < 30]))
        """)
    assert told == ["The scheduler lost an attempt (TimeoutError)", True]


def test_it_listens_on_the_loopback_alone() -> None:
    told = run_in_batch("""
        with DaskExecutor([CPU, *GPUS]) as executor:
            executor.submit("cpu", 1, lambda: None).wait(30.0)
            listens = [one.laddr.ip for one in psutil.Process().net_connections("inet")
                       if one.status == psutil.CONN_LISTEN]
        print(json.dumps(sorted(set(listens))))
        """)
    assert told == ["127.0.0.1"]


def test_what_another_program_listens_on_is_no_news() -> None:
    told = run_in_batch("""
        import warnings
        with socket.socket() as other, warnings.catch_warnings(record=True) as caught:
            other.bind(("127.0.0.1", 8787))  # dask's own port: another batch
            other.listen()
            with DaskExecutor([CPU]) as executor:
                executor.submit("cpu", 1, lambda: None).wait(30.0)
        print(json.dumps([str(one.message) for one in caught]))
        """)
    assert told == []


def test_two_attempts_are_never_on_one_gpu_and_each_is_told_which_is_its() -> None:
    told = run_in_batch("""
        slots = [CPU, *GPUS]
        gate, seen, lock = Gate(slots), [], threading.Lock()
        at_work = dict.fromkeys(("gpu0", "gpu1"), 0)
        most = dict(at_work)

        def work(slot):
            with lock:
                at_work[slot.name] += 1
                most[slot.name] = max(most[slot.name], at_work[slot.name])
                seen.append([slot.name, dict(slot.variables)["CUDA_VISIBLE_DEVICES"]])
            time.sleep(0.02)
            with lock:
                at_work[slot.name] -= 1

        def film(order):
            for rank in range(1, 6):
                with gate.place(Need("GPU", ONE_GPU, rank, order), Stop()) as slot:
                    executor.submit(slot.name, ONE_GPU, lambda: work(slot)).wait(60.0)

        with DaskExecutor(slots) as executor:
            threads = [threading.Thread(target=film, args=(n,), daemon=True) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        print(json.dumps([most, len(seen), sorted(set(map(tuple, seen)))]))
        """)
    assert told == [{"gpu0": 1, "gpu1": 1}, 40, [["gpu0", "0"], ["gpu1", "1"]]]
