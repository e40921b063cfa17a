#!/usr/bin/env python3
"""
Batch shop: where the attempts of a batch run: on this machine, or on the workers of a cluster.

Usage:
    from shared.commands.batch_shop import open_shop

    with open_shop(config, None, to_do, Selection()) as shop: ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial

from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.hardware_detection import detect_hardware
from shared.pipeline.batch.films.judging import Judged
from shared.pipeline.batch.gate import Gate
from shared.pipeline.batch.ledger import Ledger, ledger_folders
from shared.pipeline.batch.needs import Needs, slots_of
from shared.pipeline.batch.place import Shop
from shared.pipeline.job.job import output_root
from shared.pipeline.plan.selection import Selection
from shared.pipeline.run.start.fork_servers import ForkServers, can_fork
from shared.pipeline.run.start.started import execute


@contextmanager
def open_shop(
    config: PipelineConfig, scheduler: str | None, to_do: Sequence[Judged], selection: Selection
) -> Iterator[Shop]:
    """Yield where attempts run.

    Args:
        config: The batch's.
        scheduler: Of a cluster; None = this machine does all.
        to_do: The films that are known so far.
        selection: Which of their stages are wanted.

    Raises:
        InputError: That is no address of a cluster.
        UnavailableError: No scheduler answers there, certificates are missing, or no worker can do
            a stage.
        DependencyError: The scheduler of this machine does not start.
    """
    from shared.pipeline.batch.dask_executor import DaskExecutor

    slots = slots_of(detect_hardware())
    preparing = Needs(config, EnvironmentManager()).preparing()
    is_forked = config.batch_fast_start and can_fork()
    if scheduler is not None:
        with _cluster_shop(config, scheduler, preparing) as shop:
            from shared.pipeline.batch.cluster.runner import require_workers

            require_workers(shop.gate, to_do, selection)
            yield shop
        return
    ledger = Ledger(*ledger_folders(output_root(config)))
    with DaskExecutor(slots) as executor, ForkServers() as servers, closing(ledger):
        start = servers.start if is_forked else execute
        yield Shop(Gate(slots, ledger), executor, slots, preparing, start)


@contextmanager
def _cluster_shop(config: PipelineConfig, scheduler: str, preparing: int) -> Iterator[Shop]:
    from shared.pipeline.batch.cluster.cluster import Cluster
    from shared.pipeline.batch.cluster.offers import HOME
    from shared.pipeline.batch.cluster.runner import ClusterRunner
    from shared.pipeline.batch.cluster.trust import Trust
    from shared.pipeline.batch.dask_executor import DaskExecutor

    hardware = detect_hardware()
    home = [replace(slots_of(hardware)[0], offers=frozenset({HOME}))]
    with (
        DaskExecutor(home) as executor,
        Cluster(scheduler, Trust.of(config), home, hardware) as cluster,
    ):
        gate = Gate(cluster.slots())
        cluster.feed(gate)
        make_runner = partial(ClusterRunner, cluster)
        yield Shop(gate, executor, home, preparing, make_runner=make_runner)
