#!/usr/bin/env python3
"""
Depot: the orders that are out, at the machine that has the films: who works on each, and its files.

Each taking of an order has a number, its epoch. Whoever comes with an earlier one is told that the
work is another's now: what a lost worker makes all the same is published nowhere. What comes in is
kept under its digest until all of it is there and is what it says.

Usage:
    from shared.pipeline.batch.cluster.depot import Depot

    order = depot.open(draft, paths, incoming)
    order.ending          # once a worker has told
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.core.files import sha256_of
from shared.pipeline.batch.cluster.order import Ending, Order, outputs_of

DIGEST = re.compile(r"[0-9a-f]{64}")
PART = ".part"


class GoneError(Exception):
    """An order that is not there, or another's now."""


class LackingError(Exception):
    """A file that is not there as it should be."""


@dataclass
class OpenOrder:
    """An order that is out.

    Attributes:
        token: What it is known by.
        order: What a worker is told.
        paths: Its files at home, by digest.
        incoming: Where what comes in is kept.
        worker: Who took it last.
        heard: When somebody who works on it was last heard, by the monotonic clock.
        stop: Why it is to end; told to the worker.
        events: What the stage has told, not yet taken.
        ending: How it ended; None while it is out.
    """

    token: str
    order: Order
    paths: Mapping[str, Path]
    incoming: Path
    worker: str = ""
    heard: float = field(default_factory=time.monotonic)
    stop: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    ending: Ending | None = None


class Depot:
    """The orders that are out; asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, OpenOrder] = {}
        self._epochs = 0

    def open(self, order: Order, paths: Mapping[str, Path], incoming: Path) -> OpenOrder:
        """Let an order be taken.

        Args:
            order: What a worker is told.
            paths: Its files, by digest.
            incoming: An empty folder for what comes in.

        Returns:
            The order with the token by which it is asked for.
        """
        opened = OpenOrder(secrets.token_urlsafe(18), order, paths, incoming)
        with self._lock:
            self._orders[opened.token] = opened
        return opened

    def close(self, token: str) -> None:
        """Take an order back: whoever works on it is told so.

        Args:
            token: Of the order.
        """
        with self._lock:
            self._orders.pop(token, None)

    def take(self, token: str, worker: str) -> Order:
        """Give an order to a worker, which is now the one that counts.

        Args:
            token: Of the order.
            worker: Its name.

        Returns:
            The order, with the epoch of this worker.

        Raises:
            GoneError: It is not out.
        """
        with self._lock:
            one = self._of(token)
            self._epochs += 1
            one.order = one.order.model_copy(update={"epoch": self._epochs})
            one.worker, one.heard = worker, time.monotonic()
            return one.order

    def hear(self, token: str, epoch: int, events: list[dict[str, Any]]) -> list[str]:
        """Note what a worker tells; return why it is to stop, a line for each time it was asked.

        Args:
            token: Of the order.
            epoch: Of its taking.
            events: Of the stage.

        Raises:
            GoneError: It is another's now.
        """
        with self._lock:
            one = self._of(token, epoch)
            one.heard = time.monotonic()
            one.events += events
            return list(one.stop)

    def take_events(self, token: str) -> list[dict[str, Any]]:
        """Return what has been told since the last look.

        Args:
            token: Of the order.
        """
        with self._lock:
            one = self._orders.get(token)
            if one is None:
                return []
            events, one.events = one.events, []
            return events

    def input_path(self, token: str, epoch: int, sha256: str) -> Path:
        """Return where a file of an order lies.

        Args:
            token: Of the order.
            epoch: Of its taking.
            sha256: Of the file.

        Raises:
            GoneError: The order is another's now.
            LackingError: It has no such file.
        """
        with self._lock:
            one = self._of(token, epoch)
            one.heard = time.monotonic()
            if sha256 not in one.paths:
                raise LackingError(sha256)
            return one.paths[sha256]

    def part(self, token: str, epoch: int, sha256: str) -> Path:
        """Return where what comes in of a file is kept until it is whole.

        Args:
            token: Of the order.
            epoch: Of its taking.
            sha256: Of the file.

        Raises:
            GoneError: The order is another's now.
            LackingError: That is no digest.
        """
        with self._lock:
            one = self._of(token, epoch)
            one.heard = time.monotonic()
            if not DIGEST.fullmatch(sha256):
                raise LackingError(sha256)
            return one.incoming / (sha256 + PART)

    def end(self, token: str, ending: Ending) -> None:
        """Publish how an attempt ended, once.

        Args:
            token: Of the order.
            ending: Of the epoch that counts; what it names has come in.

        Raises:
            GoneError: The order is another's now, or has ended.
            LackingError: A file is not there whole; what there is of it is dropped.
        """
        with self._lock:
            one = self._of(token, ending.epoch)
        outputs = outputs_of(ending.record).values()
        for sha256 in {output.sha256 for output in outputs}:
            part = one.incoming / (sha256 + PART)
            if not part.is_file() or sha256_of(part) != sha256:
                part.unlink(missing_ok=True)
                raise LackingError(sha256)
        with self._lock:
            one = self._of(token, ending.epoch)
            one.ending, one.heard = ending, time.monotonic()

    def _of(self, token: str, epoch: int | None = None) -> OpenOrder:
        one = self._orders.get(token)
        if one is None or one.ending is not None:
            raise GoneError(token)
        if epoch is not None and epoch != one.order.epoch:
            raise GoneError(token)
        return one
