#!/usr/bin/env python3
"""
Member: this machine as a worker of a cluster, or the scheduler of one, until TERM.

A worker checks its environments and models, offers what is good, and comes back when the scheduler
was away. TERM drains it: it takes nothing more, ends what it has, and goes; a second one ends it
now.

Usage:
    from shared.pipeline.batch.cluster.member import run_worker

    run_worker("tls://10.0.0.1:8786", trust, folder, "worker-1")
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.core.errors import EXIT_SUCCESS, PipelineError
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import Hardware, detect_hardware
from shared.pipeline.batch.cluster.cluster import CORES, GPU, LEAVING, MEMORY
from shared.pipeline.batch.cluster.offers import offers_here
from shared.pipeline.batch.cluster.trust import Trust, parse_address
from shared.pipeline.batch.cluster.work import JOBS, Place
from shared.pipeline.batch.cluster.work_task import PLACE
from shared.pipeline.batch.dask_executor import CONFIGURATION, MOST_THREADS
from shared.pipeline.batch.needs import slots_of

# Attempts that want it share it: it is no limit.
PLENTY = 1e9
AGAIN_SECONDS, LOOK_SECONDS = 2.0, 0.2
Tell = Callable[[str], None]


def run_worker(address: str, trust: Trust, folder: Path, name: str, tell: Tell) -> int:
    """Work for a scheduler until TERM; return the exit code.

    Args:
        address: Of the scheduler.
        trust: The certificates.
        folder: The worker's own.
        name: What it is called; one machine may hold several workers with folders of their own.
        tell: Is told what it offers, and what happens.

    Raises:
        InputError: That is no address.
    """
    parse_address(address)
    folder.mkdir(0o700, parents=True, exist_ok=True)
    shutil.rmtree(folder / JOBS, ignore_errors=True)  # of a worker that was killed
    hardware = detect_hardware()
    offers, faults = offers_here(EnvironmentManager())
    for fault in faults:
        tell(f"Not offered: {fault}")
    tell(f"{name} offers {', '.join(sorted(offers))}")
    _prepare()
    asyncio.run(_work(address, trust, _workers(hardware, offers, folder, trust, name), tell))
    return EXIT_SUCCESS


def run_scheduler(port: int, trust: Trust, tell: Tell) -> int:
    """Be the scheduler of a cluster until TERM; return the exit code.

    Args:
        port: On which it listens, at all addresses; members only are let in.
        trust: The certificates.
        tell: Is told where it listens.
    """
    _prepare()

    async def serve() -> None:
        from distributed import Scheduler

        asked = _signals()
        scheduler = Scheduler(
            port=port,
            protocol="tls",
            security=trust.security(),
            dashboard=False,
            dashboard_address="127.0.0.1:0",
        )
        async with scheduler:
            tell(f"Scheduler at {scheduler.address}")
            await asked[0].wait()

    asyncio.run(serve())
    return EXIT_SUCCESS


def _prepare() -> None:
    import dask
    import distributed  # noqa: F401  # sets up its logs, which are then silenced

    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    dask.config.set(CONFIGURATION)


def _workers(
    hardware: Hardware, offers: frozenset[str], folder: Path, trust: Trust, name: str
) -> list[tuple[Place, dict[str, float], int]]:
    """Return the workers of this machine: place, resources, threads; one for each kind of slot."""
    plenty = dict.fromkeys(offers, PLENTY)
    memory = hardware.memory_mb
    found: list[tuple[Place, dict[str, float], int]] = []
    for slot in slots_of(hardware):
        called = name if slot.kind == "CPU" else f"{name}-{slot.name}"
        place = Place(folder, trust, called, slot.variables)
        own: dict[str, float] = {CORES: hardware.cpu_count, MEMORY: memory}
        if slot.kind == "GPU":
            own = {GPU: slot.units}
        threads = MOST_THREADS if slot.kind == "CPU" else slot.units
        found.append((place, plenty | own, threads))
    return found


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Return what TERM and Ctrl-C set: the first, and the second that comes."""
    first, second = asyncio.Event(), asyncio.Event()

    def hear() -> None:
        (second if first.is_set() else first).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, hear)
    return first, second


async def _work(
    address: str, trust: Trust, wanted: list[tuple[Place, dict[str, float], int]], tell: Tell
) -> None:
    leaving, now = _signals()
    await asyncio.gather(*(_serve(address, trust, *one, leaving, now, tell) for one in wanted))


async def _serve(
    address: str,
    trust: Trust,
    place: Place,
    resources: dict[str, float],
    threads: int,
    leaving: asyncio.Event,
    now: asyncio.Event,
    tell: Tell,
) -> None:
    """Be a worker; where the scheduler is away, come back."""
    from distributed import Worker

    while not leaving.is_set():
        worker = Worker(
            address,
            name=place.name,
            nthreads=threads,
            resources=resources,
            security=trust.security(),
            local_directory=str(place.folder),
            memory_limit=0,
            dashboard=False,
            dashboard_address="127.0.0.1:0",
            death_timeout=60,
        )
        setattr(worker, PLACE, place)
        try:
            async with worker:
                tell(f"{place.name} is at work for {address}")
                await _until_it_ends(worker, leaving, now, tell, place.name)
        except (OSError, asyncio.TimeoutError, RuntimeError, PipelineError) as error:
            tell(f"{place.name}: {error}")
        if not leaving.is_set():
            tell(f"{place.name}: the scheduler is away, tried again")
            await asyncio.sleep(AGAIN_SECONDS)


async def _until_it_ends(
    worker: Any, leaving: asyncio.Event, now: asyncio.Event, tell: Tell, name: str
) -> None:
    """Wait until the worker is closed, by a scheduler that is away or by who asks it to leave."""
    ended = asyncio.ensure_future(worker.finished())
    while not ended.done() and not leaving.is_set():
        await asyncio.sleep(LOOK_SECONDS)
    if ended.done():
        return
    tell(f"{name} ends what it has, and leaves")
    await worker.set_resources(**{LEAVING: 1.0})
    while not now.is_set() and not ended.done() and _is_busy(worker):
        await asyncio.sleep(LOOK_SECONDS)


def _is_busy(worker: Any) -> bool:
    state = worker.state
    return bool(state.executing_count or state.ready or state.constrained)
