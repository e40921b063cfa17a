#!/usr/bin/env python3
"""
Cluster: the workers of a scheduler that runs somewhere, as slots of a batch's gate.

The gate says which attempt goes to which worker; dask.distributed brings it there and tells of
workers that come and go. A worker that does not offer what an attempt wants never gets it.

Usage:
    from shared.pipeline.batch.cluster.cluster import Cluster

    with Cluster("tls://10.0.0.1:8786", trust, home) as cluster:
        gate = Gate(cluster.slots())
        cluster.feed(gate)
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from shared.core.errors import UnavailableError
from shared.hardware_detection import Hardware
from shared.pipeline.batch.cluster.depot import Depot
from shared.pipeline.batch.cluster.server import DepotServer
from shared.pipeline.batch.cluster.trust import Trust, parse_address
from shared.pipeline.batch.cluster.work_task import run_order
from shared.pipeline.batch.dask_executor import CONFIGURATION
from shared.pipeline.batch.executor import WHOLE, Slot
from shared.pipeline.batch.gate import Gate

LOOK_SECONDS, CONNECT_SECONDS = 1.0, 15
# What a worker says of its machine, beside what it offers; and that it takes nothing more.
CORES, MEMORY, GPU, LEAVING = "cores", "memory_mb", "GPU", "leaving"
OF_MACHINES = frozenset({CORES, MEMORY, GPU, LEAVING})
NEEDS_A_WORKER = "tools/worker.sh {address} on another machine, then the same command again"


class Cluster:
    """A running cluster, and the depot that its workers fetch orders from.

    Args:
        address: Of its scheduler.
        trust: The certificates.
        home: The slots of this machine, for what has to be done where the films lie.
        hardware: This machine, by whose size those of the workers are counted.

    Raises:
        InputError: That is no address.
        UnavailableError: No scheduler answers there.
    """

    def __init__(
        self, address: str, trust: Trust, home: Sequence[Slot], hardware: Hardware
    ) -> None:
        import dask
        from distributed import Client

        host, port = parse_address(address)
        self.address = address
        self.depot = Depot()
        self._home = list(home)
        self._hardware = hardware
        self._slots = list(home)
        self._over = threading.Event()
        self._workers: dict[str, str] = {}
        for name in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        dask.config.set(CONFIGURATION)
        try:
            own = _own_address(host, port)
            self._client = Client(
                address,
                security=trust.security(),
                set_as_default=False,
                timeout=CONNECT_SECONDS,
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise UnavailableError(
                f"No scheduler of a cluster answers at {address}: {error}",
                hint="tools/worker.sh --scheduler there, and the same certificates here",
            ) from error
        self._server = DepotServer(self.depot, trust, own)

    def __enter__(self) -> Cluster:
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._server.__exit__(kind, error, trace)
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=5)

    def slots(self) -> list[Slot]:
        """Return the slots there are now, those of this machine first."""
        info = self._client.scheduler_info(n_workers=-1)
        found, addresses = list(self._home), {}
        for address, one in sorted(info["workers"].items()):
            slot = self._slot_of(str(one["name"]), one.get("resources") or {})
            if slot is not None:
                found.append(slot)
                addresses[slot.name] = address
        self._workers, self._slots = addresses, found
        return found

    @property
    def known_slots(self) -> list[Slot]:
        """The slots of the last look."""
        return self._slots

    def feed(self, gate: Gate) -> None:
        """Have a gate know of workers that come and go, until the cluster is left.

        Args:
            gate: Of the batch.
        """

        def look() -> None:
            while not self._over.wait(LOOK_SECONDS):
                with suppress(OSError, TimeoutError, RuntimeError):  # a scheduler that is away
                    gate.set_slots(self.slots())

        threading.Thread(target=look, name="workers", daemon=True).start()

    def submit(self, slot: Slot, units: int, wants: frozenset[str], token: str) -> Any:
        """Bring an order to a worker; return dask's future.

        Args:
            slot: The worker's.
            units: How much of it the attempt takes.
            wants: What the worker has to offer.
            token: Of the order.
        """
        return self._client.submit(
            run_order,
            self._server.address,
            token,
            key=f"order-{token}",
            pure=False,
            retries=0,
            workers=[self._workers.get(slot.name, "")],
            allow_other_workers=False,
            resources=self._taken(slot, units) | dict.fromkeys(wants, 1),
        )

    def _taken(self, slot: Slot, units: int) -> dict[str, float]:
        """Return what dask counts of an attempt: two batches on one cluster share its cores."""
        if slot.kind == "GPU":
            return {GPU: units}
        return {CORES: units * self._hardware.cpu_count / WHOLE}

    def _slot_of(self, name: str, resources: dict[str, float]) -> Slot | None:
        """Return a worker as a slot; None of one that takes nothing."""
        if LEAVING in resources:
            return None
        offers = frozenset(resources) - OF_MACHINES
        if GPU in resources:
            return Slot(name, "GPU", int(resources[GPU]), offers=offers)
        cores = resources.get(CORES, 0.0) / self._hardware.cpu_count
        memory = resources.get(MEMORY, 0.0) / self._hardware.memory_mb
        units = int(WHOLE * min(cores, memory))
        return Slot(name, "CPU", units, offers=offers) if units > 0 else None


def _own_address(host: str, port: int) -> str:
    """Return the address of this machine by which it reaches a scheduler, and is reached."""
    with socket.create_connection((host, port), timeout=CONNECT_SECONDS) as connection:
        return str(connection.getsockname()[0])
