#!/usr/bin/env python3
"""
Cluster runner: the attempts of one job, those that compute on the workers of a cluster.

What runs in the environment `common` stays at home, where film, glossary and keys lie. An attempt
whose worker is lost is given to another; what came of it is committed here, once.

Usage:
    from shared.pipeline.batch.cluster.runner import ClusterRunner

    shop = Shop(…, make_runner=partial(ClusterRunner, cluster))
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from shared.config import load_config
from shared.core.errors import DependencyError, UnavailableError
from shared.environment_manager import EnvironmentManager
from shared.pipeline.batch.cluster.cluster import NEEDS_A_WORKER, Cluster
from shared.pipeline.batch.cluster.depot import OpenOrder
from shared.pipeline.batch.cluster.homecoming import commit_at_home
from shared.pipeline.batch.cluster.offers import AT_HOME, told, wants_of
from shared.pipeline.batch.cluster.packing import pack
from shared.pipeline.batch.executor import Kind
from shared.pipeline.batch.films.judging import Judged
from shared.pipeline.batch.gate import Gate, Need
from shared.pipeline.batch.needs import Needs
from shared.pipeline.batch.place import Shop, SlotRunner
from shared.pipeline.batch.record import FilmRecord
from shared.pipeline.job.events import Event
from shared.pipeline.job.fingerprint import stage_environment_name
from shared.pipeline.job.job import load_job
from shared.pipeline.plan.selection import Selection, selected_stages
from shared.pipeline.run.attempt import Attempt, make_scratch
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.result import StageResult

# Not heard for so long, a worker is lost: its attempt is another's. Seconds.
LOST_SECONDS = 30.0
MOST_LOST = 5
# So long is waited for a worker that was there, or for one of the first, to come (back).
AWAY_SECONDS = 600.0
LOOK_SECONDS = 0.1
STOP_SECONDS = 60.0
KINDS: tuple[Kind, ...] = ("CPU", "GPU")


class _LostError(Exception):
    """The worker of an attempt does not answer any more."""


class ClusterRunner:
    """Runs the attempts of one job, each where it can be; see AttemptRunner.

    Args:
        cluster: The workers.
        shop: This machine.
        needs: What the job's stages take.
        record: The film.
        lock_descriptor: The job lock.
        stop: Who may ask the run to stop.
    """

    def __init__(
        self,
        cluster: Cluster,
        shop: Shop,
        needs: Needs,
        record: FilmRecord,
        lock_descriptor: int,
        stop: Stop,
    ) -> None:
        self._cluster = cluster
        self._shop = shop
        self._needs = needs
        self._record = record
        self._stop = stop
        self._here = SlotRunner(shop, needs, record, lock_descriptor, stop)

    def __enter__(self) -> ClusterRunner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is left behind: an attempt has ended when run() returns."""

    def is_here(self, environment: str) -> bool:
        """Return whether stages of an environment run on this machine.

        Args:
            environment: Its name.
        """
        return environment == AT_HOME

    def run(
        self, attempt: Attempt, next_one: Attempt | None, on_event: Callable[[Event], None]
    ) -> StageResult:
        """Run an attempt here or on a worker; see AttemptRunner.

        Args:
            attempt: What is to run now.
            next_one: Not made ready.
            on_event: Called with each event of the stage.

        Returns:
            What became of it.

        Raises:
            InterruptedRun: Somebody asked the run to stop.
            UnavailableError: No worker can do it.
            DependencyError: Worker after worker was lost.
        """
        if self.is_here(attempt.environment):
            return self._here.run(attempt, next_one, on_event)
        job, config = load_job(attempt.job_dir), load_config(attempt.job_dir)
        wants = wants_of(attempt.stage, job, config, EnvironmentManager())
        for _ in range(MOST_LOST):
            try:
                return self._run_there(attempt, wants, on_event)
            except _LostError:
                self._stop.check()
        raise DependencyError(
            f"{attempt.stage}: {MOST_LOST} workers were lost at it",
            hint="Run the same command again to go on",
        )

    def _run_there(
        self, attempt: Attempt, wants: frozenset[str], on_event: Callable[[Event], None]
    ) -> StageResult:
        record, stage = self._record, attempt.stage
        label = f"{record.name}: {stage}"
        need = replace(
            self._needs.of(stage, record.order, label, self._cluster.known_slots), wants=wants
        )
        patience = _Patience(self._stop, self._shop, need, stage, self._cluster.address)
        record.stage, record.is_waiting = stage, True
        with self._shop.gate.place(need, patience) as slot:
            record.is_waiting = False
            record.attempts += 1
            incoming = make_scratch(attempt.job_dir, f"{stage}.incoming")
            order, paths = pack(attempt)
            opened = self._cluster.depot.open(order, paths, incoming)
            try:
                units = min(need.units, slot.units)
                future = self._cluster.submit(slot, units, wants, opened.token)
                self._wait(opened, future, attempt, on_event)
                return self._come_home(attempt, opened, incoming)
            finally:
                self._cluster.depot.close(opened.token)
                shutil.rmtree(incoming, ignore_errors=True)

    def _wait(
        self,
        opened: OpenOrder,
        future: Any,
        attempt: Attempt,
        on_event: Callable[[Event], None],
    ) -> None:
        """Listen until the order has ended.

        Raises:
            _LostError: Its worker is lost.
            InterruptedRun: Somebody asked to stop, and the worker does not answer.
        """
        asked = 0.0
        while opened.ending is None:
            for event in self._cluster.depot.take_events(opened.token):
                on_event(event)
            now = time.monotonic()
            if self._stop.is_asked and not asked:
                opened.stop.append("Stopped by the batch")
                asked = now
            if self._stop.is_hurried or (asked and now - asked > attempt.grace + STOP_SECONDS):
                self._stop.check()
            is_over = future.done() and opened.ending is None
            if is_over or now - opened.heard > LOST_SECONDS:
                raise _LostError(opened.worker)
            time.sleep(LOOK_SECONDS)
        for event in self._cluster.depot.take_events(opened.token):
            on_event(event)

    def _come_home(self, attempt: Attempt, opened: OpenOrder, incoming: Path) -> StageResult:
        ending = opened.ending
        assert ending is not None
        if ending.kind == "interrupted":
            self._stop.check()
            raise _LostError(opened.worker)
        if ending.kind == "broken":
            raise DependencyError(
                f"{attempt.stage} on {opened.worker}: {ending.cause}",
                hint="Look at that worker; the same command again goes on",
            )
        return commit_at_home(attempt, ending, incoming)


def require_workers(gate: Gate, films: Sequence[Judged], selection: Selection) -> None:
    """Refuse a batch of which no worker can do some stage, before anything begins.

    Args:
        gate: Of the batch; it knows the workers.
        films: Those to be done.
        selection: Which of their stages are wanted.

    Raises:
        UnavailableError: What is lacking, by stage.
    """
    environments, lacking = EnvironmentManager(), {}
    for film in films:
        assert film.draft is not None
        config, job = film.draft.config, film.draft.job
        done = film.standing.found.stages.keys() if film.standing is not None else ()
        for stage in selected_stages(job.workflow, selection):
            environment = stage_environment_name(stage, config, environments)
            if stage in lacking or stage in done or environment == AT_HOME:
                continue
            wants = wants_of(stage, job, config, environments)
            if not any(gate.can_ever(Need(kind, 1, 0, 0, wants=wants)) for kind in KINDS):
                lacking[stage] = told(wants)
    if lacking:
        named = "; ".join(f"{stage} wants {wants}" for stage, wants in lacking.items())
        raise UnavailableError(
            f"No worker of the cluster can do it: {named}",
            hint="Start one that can: tools/worker.sh tells what it offers",
        )


class _Patience(Stop):
    """Asks to give up waiting where a run is stopped, and where no worker can do the work."""

    def __init__(self, stop: Stop, shop: Shop, need: Need, stage: str, address: str) -> None:
        super().__init__()
        self._stop = stop
        self._shop = shop
        self._need = need
        self._what = f"{stage}: no worker offers {told(need.wants)}"
        self._hint = NEEDS_A_WORKER.format(address=address)
        self._since: float | None = None

    def check(self) -> None:
        """Return where there is reason to wait.

        Raises:
            InterruptedRun: Somebody asked to stop.
            UnavailableError: No worker can do it, now or for ten minutes where one could before.
        """
        self._stop.check()
        if self._shop.gate.can_ever(self._need):
            self._shop.seen.add(self._need.wants)
            self._since = None
            return
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        was_there = self._need.wants in self._shop.seen
        if now - self._since >= (AWAY_SECONDS if was_there else 0.0):
            raise UnavailableError(self._what, hint=self._hint)
