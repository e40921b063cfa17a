#!/usr/bin/env python3
"""
Work task: what dask.distributed runs on a worker: an order by its token, in that worker's place.

Usage:
    client.submit(run_order, address, token)
"""

from __future__ import annotations

PLACE = "cp_whisperx_place"


def run_order(address: str, token: str) -> None:
    """Do an order in the place of the worker that runs this.

    Args:
        address: Of the depot.
        token: Of the order.
    """
    from distributed import get_worker

    from shared.pipeline.batch.cluster.work import do_order

    do_order(address, token, getattr(get_worker(), PLACE))
