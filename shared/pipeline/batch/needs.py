#!/usr/bin/env python3
"""
Needs: what a stage takes of a machine, and the slots that a machine has.

A stage takes the larger share of cores and of memory: as long as no machine is given away more than
once, neither is too little. How much memory a stage takes is judged by what it took in the latest
jobs with the same engine and models; without any by a first guess.

Usage:
    from shared.pipeline.batch.needs import Needs, slots_of

    slots = slots_of(detect_hardware())
    Needs(config, environments).units("asr")
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from shared.core.errors import InputError
from shared.core.machine.nvidia import visible_devices
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import Hardware, detect_hardware
from shared.models.catalogue import describe
from shared.pipeline.batch.executor import ONE_GPU, WHOLE, Kind, Slot
from shared.pipeline.batch.gate import Need
from shared.pipeline.job.fingerprint import stage_environment_name
from shared.pipeline.job.job import output_root
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.pace import is_alike, recent_records
from shared.stage_order import get_stage_number

SHARE_OF_MEMORY = 0.75
# Of the most that was seen, for a film that is harder than those were.
MARGIN = 1.25
# First guesses, MiB of all processes of a stage, with Whisper base on a CPU.
USUAL_MEMORY_MB: dict[str, int] = {
    "demux": 400,
    "tmdb": 200,
    "glossary_load": 300,
    "source_separation": 600,
    "pyannote_vad": 1500,
    "asr": 2000,
    "alignment": 2000,
    "lyrics_detection": 800,
    "export_transcript": 400,
    "translation": 3000,
    "subtitle_generation": 600,
    "mux": 600,
}
OTHER_MEMORY_MB = 2000
DEMUCS_MEMORY_MB = 5000
# Beside its weights a larger model takes as much again.
WEIGHTS = 2.0
# Stages that compute on all cores; the others use one.
ON_ALL_CORES = frozenset({"pyannote_vad", "asr", "alignment", "translation"})
# Stages that compute on a GPU where the job has one.
ON_A_GPU = frozenset({"source_separation", "pyannote_vad", "asr", "alignment", "translation"})
BESIDE_A_GPU_MB = 4000
CUDA = "cuda"
CUDA_VARIABLES = "CUDA_VISIBLE_DEVICES"
# Records are read again after so many seconds, or so many times as long as reading took.
READ_SECONDS, READ_SHARE = 10.0, 50.0
# Preparing listens to moments of a film: rank below the first stage.
PREPARING_MB, PREPARING_RANK = 1500, 0


class RecentRecords:
    """What stages took in the latest jobs, read again now and then: reading takes long.

    Attributes:
        number: How often they were read.
    """

    def __init__(self) -> None:
        self.number = 0
        self._known: list[Checkpoint] = []
        self._read_at = 0.0
        self._reading = threading.Lock()

    def of(self, root: Path) -> Sequence[Checkpoint]:
        """Return the latest records; two percent of the time at most go into reading them.

        Args:
            root: Where the jobs of all films lie, always the same.
        """
        with self._reading:
            began = time.monotonic()
            if not self.number or began >= self._read_at:
                self._known = [record for record, _ in recent_records(root)]
                self.number += 1
                took = time.monotonic() - began
                self._read_at = began + max(READ_SECONDS, took * READ_SHARE)
            return self._known


def slots_of(hardware: Hardware) -> list[Slot]:
    """Return the slots of this machine: one for its cores and memory, one for each GPU.

    Args:
        hardware: The machine.
    """
    slots = [Slot("cpu", "CPU", WHOLE)]
    named = visible_devices()
    names = [one.strip() for one in named.split(",")] if named else []
    for number in range(len(hardware.gpus)):
        device = names[number] if number < len(names) else str(number)
        slots.append(Slot(f"gpu{number}", "GPU", ONE_GPU, ((CUDA_VARIABLES, device),)))
    return slots


def memory_budget_mb(config: PipelineConfig, hardware: Hardware) -> int:
    """Return how much memory all stages may take together, MiB.

    Args:
        config: Its `batch_memory_mb`.
        hardware: The machine.
    """
    return config.batch_memory_mb or int(hardware.memory_mb * SHARE_OF_MEMORY)


class Needs:
    """What the stages of a job take of this machine.

    Args:
        config: The job's configuration.
        environments: Tells where stages run.
        hardware: The machine; None = this one.
        records: What stages took before; None = looked for by itself.
    """

    def __init__(
        self,
        config: PipelineConfig,
        environments: EnvironmentManager,
        hardware: Hardware | None = None,
        records: RecentRecords | None = None,
    ) -> None:
        self._config = config
        self._environments = environments
        self._hardware = hardware or detect_hardware()
        self._records = records or RecentRecords()
        self._memory: dict[str, tuple[int, int]] = {}

    def of(self, stage: str, order: int, label: str, slots: Sequence[Slot], films: int = 1) -> Need:
        """Return what an attempt of a stage takes.

        Args:
            stage: A name in STAGE_ORDER.
            order: Number of its film.
            label: What it is, for who looks.
            slots: Those there are.
            films: That share the machine.
        """
        device, rank = self._config.device, get_stage_number(stage)
        kind: Kind = "CPU"
        if stage in ON_A_GPU and device.startswith(CUDA):
            kind = "GPU" if any(slot.kind == "GPU" for slot in slots) else "CPU"
        if kind == "GPU":
            number = device.partition(":")[2]
            only = f"gpu{number}" if any(slot.name == f"gpu{number}" for slot in slots) else ""
            return Need(kind, ONE_GPU, rank, order, label, only)
        cpus = self.cpus(stage, films) if stage in ON_ALL_CORES and films > 1 else 0
        return Need(kind, self.units(stage, films), rank, order, label, cpus=cpus)

    def units(self, stage: str, films: int = 1) -> int:
        """Return a stage's share of the machine's cores and memory, of WHOLE.

        Args:
            stage: A name in STAGE_ORDER.
            films: That share the machine.
        """
        used = self.cpus(stage, films) / self._hardware.cpu_count
        return share(used, self.memory_mb(stage) / self._budget)

    def cpus(self, stage: str, films: int = 1) -> int:
        """Return on how many cores a stage computes: all, or fewer the more films there are.

        Args:
            stage: A name in STAGE_ORDER.
            films: That share the machine.
        """
        if stage not in ON_ALL_CORES:
            return 1
        return self._config.num_threads or max(1, self._hardware.cpu_count // max(1, films))

    def preparing(self) -> int:
        """Return the share of the machine that preparing a film takes, of WHOLE."""
        return share(1 / self._hardware.cpu_count, PREPARING_MB / self._budget)

    def memory_mb(self, stage: str) -> int:
        """Return how much memory a stage will take, MiB.

        Args:
            stage: A name in STAGE_ORDER.
        """
        records = self._records.of(output_root(self._config))
        known, number = self._memory.get(stage, (0, -1))
        if number != self._records.number:
            known = self._by_records(stage, records)
            self._memory[stage] = known, self._records.number
        return known

    def _by_records(self, stage: str, records: Sequence[Checkpoint]) -> int:
        parameters = {k.upper(): v for k, v in self._config.model_dump(mode="json").items()}
        environment = stage_environment_name(stage, self._config, self._environments)
        seen = [
            record.peak_memory_mb
            for record in records
            if record.stage == stage
            and record.environment == environment
            and record.status == "done"
            and is_alike(record.parameters, parameters)
        ]
        return math.ceil(max(seen) * MARGIN) if seen else self._guess(stage)

    @property
    def _budget(self) -> int:
        """What is left beside the stages on GPUs, which take memory of the machine, too; MiB."""
        whole = memory_budget_mb(self._config, self._hardware)
        return max(whole // 2, whole - len(self._hardware.gpus) * BESIDE_A_GPU_MB)

    def _guess(self, stage: str) -> int:
        if stage == "source_separation" and self._config.source_separation == "demucs":
            return DEMUCS_MEMORY_MB
        usual = USUAL_MEMORY_MB.get(stage, OTHER_MEMORY_MB)
        if stage != "asr":
            return usual
        return usual + math.ceil(WEIGHTS * _weight_mb(self._config.whisper_model))


def share(*parts: float) -> int:
    """Return the largest of some shares of a machine, of WHOLE, at least 1.

    Args:
        parts: Of cores and of memory, 1 = all.
    """
    return max(1, math.ceil(WHOLE * min(1.0, max(parts))))


def _weight_mb(model: str) -> int:
    with suppress(InputError):  # a folder
        return describe("whisper", model).size_mb
    return 0
