#!/usr/bin/env python3
"""
Work task: what dask.distributed runs on a worker: an order by its token, in that worker's place.

Usage:
    client.submit(run_order, address, token)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.pipeline.batch.cluster.work import Place

PLACE = "cp-whisperx-place"


class PlacePlugin:
    """Carries a worker's place to the tasks that run in it; a worker plugin of dask.

    Args:
        place: The worker's.
    """

    name = PLACE

    def __init__(self, place: Place) -> None:
        self.place = place

    def setup(self, worker: object) -> None:
        """Nothing is to be done; see dask.

        Args:
            worker: The worker.
        """

    def teardown(self, worker: object) -> None:
        """Nothing is to be done; see dask.

        Args:
            worker: The worker.
        """


def run_order(address: str, token: str) -> None:
    """Do an order in the place of the worker that runs this.

    Args:
        address: Of the depot.
        token: Of the order.
    """
    from distributed import get_worker

    from shared.pipeline.batch.cluster.work import do_order

    do_order(address, token, get_worker().plugins[PLACE].place)
