#!/usr/bin/env python3
"""
Dask executor: slots as workers of dask.distributed, embedded in this process.

One worker a GPU and one for the machine's cores and memory, each with one kind of resource: a
worker with several looks at the head of its queue only. What no worker can do fails instead of
waiting for ever, nothing is stolen, nothing is run a second time by the scheduler itself, and it
listens on the loopback alone: what it speaks runs code.

Usage:
    from shared.pipeline.batch.dask_executor import DaskExecutor

    with DaskExecutor([Slot("cpu", "CPU", WHOLE)]) as executor: ...
"""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from shared.core.errors import DependencyError
from shared.pipeline.batch.executor import Slot

LOOPBACK = "127.0.0.1"
# What is in one process needs no sockets: half of what a task costs, and nobody can connect.
WITHIN = "inproc://"
# Of what else dask can do nothing is used, and its spans keep what they know of each task for ever.
NOTHING_ELSE: dict[str, Any] = {}
# More attempts than that never run side by side on one machine.
MOST_THREADS = 64
CONFIGURATION = {
    "distributed.scheduler.no-workers-timeout": "60s",
    "distributed.scheduler.work-stealing": False,
    # An attempt that is lost is counted and run again by the batch, or by nobody.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.active-memory-manager.start": False,
    # What the stages take is not this process's, and none of it is dask's to watch.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    # Nobody reads how late its loops are: measured every 20 ms that is a third of its work.
    "distributed.admin.tick.interval": "2s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.comm.timeouts.connect": "30s",
}
# Work cannot be sent as it is: it holds the job's lock. Who runs it is in this same process.
_works: dict[str, Callable[[], Any]] = {}
_answers: dict[str, tuple[bool, Any]] = {}


class DaskExecutor:
    """An embedded cluster whose workers are threads of this process.

    Args:
        slots: One worker each.

    Raises:
        DependencyError: The cluster does not start.
    """

    def __init__(self, slots: Sequence[Slot]) -> None:
        import dask
        from distributed import Client, Scheduler, SpecCluster, Worker

        dask.config.set(CONFIGURATION)
        for name in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._numbers = itertools.count(1)
        scheduler = {
            "cls": Scheduler,
            "options": {
                "protocol": WITHIN,
                "extensions": NOTHING_ELSE,
                "dashboard": False,
                "dashboard_address": f"{LOOPBACK}:0",
            },
        }
        workers = {
            slot.name: {
                "cls": Worker,
                "options": {
                    "nthreads": MOST_THREADS if slot.kind == "CPU" else slot.units,
                    "resources": {slot.kind: slot.units},
                    "name": slot.name,
                    "protocol": WITHIN,
                    "extensions": NOTHING_ELSE,
                    "dashboard_address": f"{LOOPBACK}:0",
                    "memory_limit": 0,
                    "dashboard": False,
                },
            }
            for slot in slots
        }
        self._kinds = {slot.name: slot.kind for slot in slots}
        try:
            self._cluster = SpecCluster(workers=workers, scheduler=scheduler, silence_logs=False)
            self._client = Client(self._cluster, set_as_default=False)
        except (OSError, TimeoutError, RuntimeError) as error:
            raise DependencyError(
                f"The scheduler of the batch does not start: {error}",
                hint="./bootstrap.sh --env batch --force",
            ) from error

    def __enter__(self) -> DaskExecutor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close(timeout=5)
        self._cluster.close(timeout=5)

    def submit(self, slot: str, units: int, work: Callable[[], Any]) -> DaskPending:
        """Hand work over; see Executor.

        Args:
            slot: Name of the slot that it runs in.
            units: How much of that it takes.
            work: Runs once, or not at all where the scheduler fails.

        Returns:
            What waits for its answer.
        """
        token = f"attempt-{next(self._numbers)}-{uuid.uuid4().hex[:8]}"
        _works[token] = work
        future = self._client.submit(
            _run_once,
            token,
            key=token,
            pure=False,
            retries=0,
            workers=[slot],
            allow_other_workers=False,
            resources={self._kinds[slot]: units},
        )
        return DaskPending(future, token)


class DaskPending:
    """Work of which the scheduler knows.

    Args:
        future: The scheduler's.
        token: What the work is known by here.
    """

    def __init__(self, future: Any, token: str) -> None:
        self._future = future
        self._token = token

    def wait(self, seconds: float) -> Any:
        """Return the work's answer, or raise what it raised; see Pending.

        Args:
            seconds: Longest wait.

        Raises:
            DependencyError: The scheduler lost it, or it did not end in its time.
        """
        from distributed import CancelledError, TimeoutError
        from distributed.scheduler import KilledWorker, NoValidWorkerError

        try:
            self._future.result(timeout=seconds)
            ended, answer = _answers[self._token]
        except (CancelledError, TimeoutError, KilledWorker, NoValidWorkerError) as error:
            raise DependencyError(
                f"The scheduler lost an attempt ({type(error).__name__})",
                hint="Run the same command again to go on",
            ) from error
        finally:
            _works.pop(self._token, None)
            _answers.pop(self._token, None)
            self._future.release()
        if not ended:
            raise answer
        return answer


def _run_once(token: str) -> None:
    """Run work in a worker's thread; whatever it raises is its answer, not the scheduler's."""
    work = _works.pop(token)
    try:
        _answers[token] = True, work()
    except BaseException as error:  # InterruptedRun is no Exception, and ends no worker
        _answers[token] = False, error
