#!/usr/bin/env python3
"""
Place: an attempt of a film waits for its slot and runs there.

Usage:
    from shared.pipeline.batch.place import Shop, SlotRunner

    shop = Shop(gate, executor, slots)
    run_job(…, make_runner=lambda lock, stop: SlotRunner(shop, needs, record, lock, stop))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType

from shared.core.machine.cpu_share import share_variables
from shared.pipeline.batch.executor import Executor, Slot
from shared.pipeline.batch.films.known_films import KnownFilms
from shared.pipeline.batch.gate import Gate, Need
from shared.pipeline.batch.needs import Needs, RecentRecords
from shared.pipeline.batch.record import FilmRecord
from shared.pipeline.job.events import Event
from shared.pipeline.run.attempt import Attempt, run_attempt
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.result import StageResult
from shared.pipeline.run.runner import AttemptRunner
from shared.pipeline.run.start.started import Start, execute

# Beyond an attempt's own limits, seconds: it ends its processes and commits.
BEYOND = 600.0


@dataclass
class Crowd:
    """How many films share a machine: those at work, and those that wait to be."""

    films: int = 1


@dataclass(frozen=True)
class Shop:
    """Where the attempts of all films run.

    Attributes:
        gate: Says when and in which slot.
        executor: Runs them there.
        slots: Those of this machine, its cores and memory first.
        preparing_units: What preparing a film takes of the machine, and writing its page.
        records: What stages took before.
        known: The jobs that films have.
        make_runner: Makes who runs a job's attempts; None = this machine does.
        seen: What some worker has offered in this batch.
        start: How the processes of stages are started.
        crowd: How many films there are.
    """

    gate: Gate
    executor: Executor
    slots: Sequence[Slot]
    preparing_units: int
    start: Start = execute
    records: RecentRecords = field(default_factory=RecentRecords)
    known: KnownFilms = field(default_factory=KnownFilms)
    make_runner: Callable[[Shop, Needs, FilmRecord, int, Stop], AttemptRunner] | None = None
    seen: set[frozenset[str]] = field(default_factory=set)
    crowd: Crowd = field(default_factory=Crowd)

    def runner(self, needs: Needs, record: FilmRecord, lock: int, stop: Stop) -> AttemptRunner:
        """Return who runs the attempts of a job.

        Args:
            needs: What its stages take.
            record: The film.
            lock: The job lock, inherited by the stages.
            stop: Who may ask the run to stop.
        """
        return (self.make_runner or SlotRunner)(self, needs, record, lock, stop)

    @contextmanager
    def hold(self, record: FilmRecord, stop: Stop, what: str, rank: int) -> Iterator[None]:
        """Hold a place for work on a film that is no stage's.

        Args:
            record: The film.
            stop: Who may ask to give up waiting.
            what: The work, for who looks.
            rank: As of a stage: before the first, or after the last.

        Raises:
            InterruptedRun: Somebody asked to stop.
        """
        label = f"{record.name}: {what}"
        wants = self.slots[0].offers
        need = Need("CPU", self.preparing_units, rank, record.order, label, wants=wants)
        record.stage, record.is_waiting = what, True
        with self.gate.place(need, stop):
            record.is_waiting = False
            yield


class SlotRunner:
    """Runs the attempts of one job, each in a slot; see AttemptRunner.

    Args:
        shop: Where.
        needs: What its stages take.
        record: The film.
        lock_descriptor: The job lock, inherited by the stages.
        stop: Who may ask the run to stop.
        work: Does one attempt.
    """

    def __init__(
        self,
        shop: Shop,
        needs: Needs,
        record: FilmRecord,
        lock_descriptor: int,
        stop: Stop,
        work: Callable[..., StageResult] = run_attempt,
    ) -> None:
        self._shop = shop
        self._needs = needs
        self._record = record
        self._lock = lock_descriptor
        self._stop = stop
        self._work = work

    def __enter__(self) -> SlotRunner:
        return self

    def is_here(self, environment: str) -> bool:
        """Return whether stages of an environment run on this machine: all do.

        Args:
            environment: Its name.
        """
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is left behind: an attempt has ended when run() returns."""

    def run(
        self, attempt: Attempt, next_one: Attempt | None, on_event: Callable[[Event], None]
    ) -> StageResult:
        """Wait for a slot and run an attempt there.

        Args:
            attempt: What is to run now.
            next_one: Not made ready: another film has the machine meanwhile.
            on_event: Called with each event of the stage.

        Returns:
            What became of it.

        Raises:
            InterruptedRun: Somebody asked the run to stop.
            DependencyError: The scheduler lost it.
        """
        record, stage = self._record, attempt.stage
        label = f"{record.name}: {stage}"
        films = self._shop.crowd.films
        need = self._needs.of(stage, record.order, label, self._shop.slots, films)
        need = replace(need, wants=self._shop.slots[0].offers)
        record.stage, record.is_waiting = stage, True
        with self._shop.gate.place(need, self._stop) as slot:
            record.is_waiting = False
            record.attempts += 1
            # A GPU that was asked for by its number keeps it: the others stay visible.
            variables = () if need.only else slot.variables
            variables += share_variables(need.cpus) if need.cpus else ()
            placed = replace(attempt, variables=variables)
            pending = self._shop.executor.submit(
                slot.name,
                min(need.units, slot.units),
                lambda: self._work(placed, self._lock, on_event, self._stop, self._shop.start),
            )
            result: StageResult = pending.wait(attempt.timeout + attempt.grace + BEYOND)
        left = {name: one for name, one in record.expected_seconds.items() if name != stage}
        record.expected_seconds = left  # anew: another thread may be writing the old one
        return result
