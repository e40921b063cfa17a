#!/usr/bin/env python3
"""
Simulated batch: films whose stages do nothing, through all of a batch's own code.

Jobs are made, found again and committed to the disk, stages wait at the gate and run in slots of
the embedded scheduler, batch.json is written and the status read: only the stages' processes and
the plan of each job are left out.

Usage:
    from tests.support.simulated_batch import simulate

    print(simulate(100, root).cpu_ms_a_stage)
"""

from __future__ import annotations

import os
import resource
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from shared.config import load_config
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import detect_hardware
from shared.media.probe import AudioStream
from shared.pipeline.batch.batch import Batch
from shared.pipeline.batch.control import hold_batch
from shared.pipeline.batch.dask_executor import DaskExecutor
from shared.pipeline.batch.film_run import PREPARE, FilmRun, Treatment
from shared.pipeline.batch.films.judging import Judged
from shared.pipeline.batch.gate import Gate
from shared.pipeline.batch.hours import Hours
from shared.pipeline.batch.needs import PREPARING_RANK, Needs, slots_of
from shared.pipeline.batch.place import Shop, SlotRunner
from shared.pipeline.batch.record import BatchRecord, FilmRecord
from shared.pipeline.batch.status import batch_status
from shared.pipeline.job.checkpoint import now
from shared.pipeline.job.commit import commit_outputs
from shared.pipeline.job.job import Job, MediaReference, SeenFilm, output_root
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.prepare.new_job import create_job
from shared.pipeline.prepare.same_film import alone
from shared.pipeline.run.attempt import Attempt, make_scratch
from shared.pipeline.run.display import Display
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.report import RunReport
from shared.pipeline.run.result import StageResult
from shared.stage_order import STAGE_ORDER

MIB = 1 << 20
AUDIO = AudioStream(index=1, kind="audio", codec="aac", channels=2, sample_rate=48000)


class Silent:
    """Shows nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *told: None


@dataclass(frozen=True)
class Simulated:
    """What a simulated night took.

    Attributes:
        films: How many there were.
        code: The batch's exit code.
        seconds: From its first film to its last.
        cpu_seconds: Of this process.
        memory_mb: The most that this process had, and what it had before.
        status_seconds: What one look from another terminal takes at the end.
        states: How many films ended how.
    """

    films: int
    code: int
    seconds: float
    cpu_seconds: float
    memory_mb: tuple[float, float]
    status_seconds: float
    states: dict[str, int]

    @property
    def stages_a_second(self) -> float:
        """Throughput."""
        return self.films * len(STAGE_ORDER) / self.seconds

    @property
    def cpu_ms_a_stage(self) -> float:
        """What the batch's own code costs."""
        return 1000 * self.cpu_seconds / (self.films * len(STAGE_ORDER))


class SimulatedFilm(FilmRun):
    """A film whose stages do nothing."""

    def _run(self) -> RunReport:
        record, config = self.judged.record, load_config()
        with self.shop.hold(record, self.stop, PREPARE, PREPARING_RANK):
            job = _job_of(record)
            with alone(output_root(config), job.user):
                assert self.shop.known.find(job, output_root(config)) is None
                job_dir = create_job(job, output_root(config))
        record.job, record.state = str(job_dir), "running"
        needs = Needs(config, EnvironmentManager(), records=self.shop.records)
        runner = SlotRunner(self.shop, needs, record, -1, self.stop, work=_work)
        report = RunReport(job_dir, [])
        attempt = Attempt(job_dir, "", Path(), "common", None, 60.0, 1.0, 1, job_id=job.job_id)
        for stage in STAGE_ORDER:
            result = runner.run(replace(attempt, stage=stage), None, lambda event: None)
            report.results.append(result)
        return report

    def _tell_of(self, report: RunReport) -> None:
        """No page is written."""


def _job_of(record: FilmRecord) -> Job:
    identity = f"{record.order:064x}"
    return Job(
        job_id="",
        created_at=now(),
        user="simulated",
        workflow="subtitle",
        media=MediaReference(
            path=record.path, size=1, duration=60.0, audio_stream=AUDIO, audio_choice="the only"
        ),
        film=SeenFilm(identity=identity, size=1, mtime_ns=0, inode=record.order),
        title=record.name,
        source_language="hi",
        target_languages=["en"],
    )


def _work(attempt: Attempt, lock: int, on_event: object, stop: Stop, start: object) -> StageResult:
    """Commit one small file as a stage's output."""
    scratch = make_scratch(attempt.job_dir, attempt.stage)
    (scratch / "output.txt").write_text(attempt.stage, encoding="utf-8")
    checkpoint = Checkpoint(
        stage=attempt.stage,
        job_id=attempt.job_id,
        status="done",
        finished_at=now(),
        seconds=0.0,
        peak_memory_mb=100.0,
        environment=attempt.environment,
        environment_lock=None,
        inputs={},
        parameters={},
        job_fields={},
        code={},
        outputs=describe_outputs(scratch),
        warnings=[],
        summary={},
    )
    commit_outputs(attempt.job_dir, checkpoint, scratch)
    return StageResult(attempt.stage, "done", 0)


def simulate(films: int, root: Path) -> Simulated:
    """Run a night of films whose stages do nothing.

    Args:
        films: How many.
        root: An empty folder for their jobs: OUTPUT_ROOT of this process.
    """
    os.environ["CP_OUTPUT_ROOT"] = str(root)
    slots, process = slots_of(detect_hardware()), psutil.Process()
    record = BatchRecord(
        key=str(films),
        command=[],
        workflow="subtitle",
        user="simulated",
        host="here",
        pid=os.getpid(),
        created_at=now(),
    )
    record.films = [
        FilmRecord(order=number, path=f"/films/{number}.mkv", state="waiting")
        for number in range(films)
    ]
    judged = [Judged(film) for film in record.films]
    treatment = Treatment(lambda film: _silent(), lambda job: None, lambda *told: nullcontext())
    before = process.memory_info().rss / MIB
    with DaskExecutor(slots) as executor, hold_batch(root, record) as folder:
        shop = Shop(Gate(slots), executor, slots, preparing_units=1)
        batch = Batch(record, folder, judged, shop, Hours(), treatment, Stop(), SimulatedFilm)
        began, cpu = time.perf_counter(), time.process_time()
        code = batch.run()
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    states = [film.state for film in batch_status(folder).films]
    looked = time.perf_counter() - began
    counted = {state: states.count(state) for state in sorted(set(states))}
    return Simulated(films, code, seconds, cpu, (before, memory), looked, counted)


def _silent() -> Display:
    silent: Any = Silent()
    return silent  # type: ignore[no-any-return]
