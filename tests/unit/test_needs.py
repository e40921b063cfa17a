#!/usr/bin/env python3
"""Tests of shared/pipeline/batch/needs.py: what stages take, and what a machine has."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from shared.config import load_config
from shared.core.machine.nvidia import GPU
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import Hardware
from shared.pipeline.batch.executor import WHOLE
from shared.pipeline.batch.needs import Needs, memory_budget_mb, slots_of
from shared.stage_order import STAGE_ORDER

SMALL = Hardware("cpu", "cpu", 4, 16_000, (), "Linux", "x86_64")
TWO_GPUS = replace(SMALL, gpus=(GPU("A", 24_000), GPU("B", 24_000)), memory_mb=64_000)


def needs(hardware: Hardware = SMALL, **settings: str) -> Needs:
    """Return what stages take with these settings."""
    return Needs(load_config(overrides=settings), EnvironmentManager(), hardware)


def test_a_stage_takes_the_larger_share_of_cores_and_memory() -> None:
    assert needs().units("asr") == WHOLE  # all cores
    assert needs(NUM_THREADS="2").units("asr") == WHOLE / 2
    assert needs().units("demux") == WHOLE / 4
    assert needs(BATCH_MEMORY_MB="800").units("demux") == WHOLE / 2


def test_films_share_the_cores_of_a_machine() -> None:
    assert [needs().cpus("asr", films) for films in (1, 2, 3, 4, 20)] == [4, 2, 1, 1, 1]
    assert [needs().units("asr", films) for films in (1, 2, 20)] == [WHOLE, WHOLE / 2, WHOLE / 4]
    assert needs(NUM_THREADS="3").cpus("asr", 20) == 3
    assert needs().cpus("demux", 2) == 1


def test_only_what_computes_on_all_cores_is_told_its_share() -> None:
    slots = slots_of(SMALL)
    assert needs().of("asr", 0, "", slots, films=4).cpus == 1
    assert needs().of("asr", 0, "", slots).cpus == 0
    assert needs().of("source_separation", 0, "", slots, films=4).cpus == 0


def test_what_wants_more_than_all_runs_alone() -> None:
    assert needs(BATCH_MEMORY_MB="100").units("asr") == WHOLE


@pytest.mark.parametrize("stage", STAGE_ORDER)
def test_as_many_as_fit_stay_under_the_memory(stage: str) -> None:
    for budget in (1_000, 7_777, 100_000):
        some = needs(BATCH_MEMORY_MB=str(budget), NUM_THREADS="1")
        at_once = WHOLE // some.units(stage)
        assert at_once == 1 or at_once * some.memory_mb(stage) <= budget


def test_three_quarters_of_the_machine_are_for_stages_unless_somebody_says_so() -> None:
    assert memory_budget_mb(load_config(), SMALL) == 12_000
    assert memory_budget_mb(load_config(overrides={"BATCH_MEMORY_MB": "5"}), SMALL) == 5


def test_a_larger_model_takes_more() -> None:
    assert needs(WHISPER_MODEL="large-v3").memory_mb("asr") > needs().memory_mb("asr")
    assert needs(SOURCE_SEPARATION="demucs").memory_mb("source_separation") == 5_000


def test_what_a_stage_took_in_the_latest_jobs_counts_more_than_a_guess(finished_job: Path) -> None:
    path = finished_job / ".checkpoints" / "demux.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"peak_memory_mb": 4000.0}))
    assert needs(DEVICE="cpu").memory_mb("demux") == 5_000
    assert needs(DEVICE="cuda").memory_mb("demux") == 400  # that job had no GPU


def test_a_gpu_is_one_slot_and_is_named_to_who_runs_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [slot.name for slot in slots_of(SMALL)] == ["cpu"]
    named = [dict(slot.variables).get("CUDA_VISIBLE_DEVICES") for slot in slots_of(TWO_GPUS)]
    assert named == [None, "0", "1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-abc")
    named = [dict(slot.variables).get("CUDA_VISIBLE_DEVICES") for slot in slots_of(TWO_GPUS)]
    assert named == [None, "3", "GPU-abc"]


@pytest.mark.parametrize(
    ("device", "stage", "kind", "only"),
    [
        ("cuda", "asr", "GPU", ""),
        ("cuda:1", "asr", "GPU", "gpu1"),
        ("cuda:7", "asr", "GPU", ""),
        ("cuda", "demux", "CPU", ""),
        ("cpu", "asr", "CPU", ""),
    ],
)
def test_what_computes_on_a_gpu_waits_for_one(
    device: str, stage: str, kind: str, only: str
) -> None:
    need = needs(TWO_GPUS, DEVICE=device).of(stage, 3, "film: asr", slots_of(TWO_GPUS))
    assert (need.kind, need.only, need.order) == (kind, only, 3)


def test_without_a_gpu_it_takes_of_the_machine() -> None:
    assert needs(SMALL, DEVICE="cuda").of("asr", 0, "", slots_of(SMALL)).kind == "CPU"
