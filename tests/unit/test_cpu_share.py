#!/usr/bin/env python3
"""Tests of shared/core/machine/cpu_share.py: how many CPUs a stage of one of many films has."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scripts.runtime.ctranslate2_runtime import thread_count
from shared.core.machine.cgroup import usable_cpus
from shared.core.machine.cpu_share import STAGE_CPUS_VARIABLE, share_variables, stage_cpus


@pytest.mark.parametrize("given", ["", "0", "-1", "many", "999999"])
def test_what_is_no_share_leaves_all(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(STAGE_CPUS_VARIABLE, given)
    assert stage_cpus() == usable_cpus()


def test_a_model_has_no_more_threads_than_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STAGE_CPUS_VARIABLE, "1")
    assert (thread_count(0), thread_count(8)) == (1, 1)


def test_the_users_own_number_of_threads_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert dict(share_variables(1)) == {STAGE_CPUS_VARIABLE: "1", "OMP_NUM_THREADS": "1"}
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert dict(share_variables(1)) == {STAGE_CPUS_VARIABLE: "1"}


def test_a_process_knows_its_share() -> None:
    told = "from shared.core.machine.cpu_share import stage_cpus; print(stage_cpus())"
    command = ["env", *("=".join(pair) for pair in share_variables(1)), sys.executable, "-c", told]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"
