#!/usr/bin/env python3
"""
Watch: notices a stage that takes too long, stands still, or takes more memory than it may.

Usage:
    from shared.pipeline.run.watch import Limits, Watch

    watch = Watch(Limits(seconds=1800, stall_seconds=600), started)
    watch.hear(event)
    watch.look(tree.look)   # 'time', 'stall', 'memory' or ''
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import psutil

from shared.pipeline.job.events import Event
from shared.pipeline.stage.tree import cpu_seconds_of, memory_of

Excess = Literal["", "time", "stall", "memory"]
SAMPLE_SECONDS = 1.0
# Where memory is limited. The limit is not the system's (RLIMIT_DATA): native code does not bear
# that an allocation fails: OpenBLAS asks again for ever, others crash, or wait for a dead thread.
MEMORY_SAMPLE_SECONDS = 0.1
# Of a processor; less is standing still. It is one tick of the system's clock in a sample.
IDLE_SHARE = 0.005


@dataclass(frozen=True)
class Limits:
    """What a stage may take: seconds in all, seconds without progress, MiB of all its processes.

    0 for the last two means no limit.
    """

    seconds: float
    stall_seconds: float = 0.0
    memory_mb: int = 0


class Watch:
    """Watches one stage process.

    The clock of progress runs while the stage tells of unfinished work. Before its first word and
    after its last (loading a model, writing files) it runs while no process of the stage computes.

    Args:
        limits: What the stage may take.
        started: When it began its work, by time.monotonic().
    """

    def __init__(self, limits: Limits, started: float) -> None:
        self._limits = limits
        self._started = started
        self._done: object = None
        self._tells = False
        self._moved = self._sampled = time.monotonic()
        self._computed = 0.0
        self.peak_mb = 0.0

    def hear(self, event: Event) -> None:
        """Take note of an event of the stage.

        Args:
            event: Progress counts when it is further than before, or of other work.
        """
        if event["event"] != "progress":
            return
        done = (event.get("done"), event.get("total"), event.get("unit"))
        if done != self._done:
            self._done = done
            self._tells = _number(event, "done") < _number(event, "total")
            self._moved = time.monotonic()

    def look(self, tree: Callable[[], set[psutil.Process]]) -> Excess:
        """Return which limit the stage exceeds, '' for none; measures memory now and then.

        Args:
            tree: Returns all processes of the stage that live.
        """
        now = time.monotonic()
        if now - self._started > self._limits.seconds:
            return "time"
        every = MEMORY_SAMPLE_SECONDS if self._limits.memory_mb else SAMPLE_SECONDS
        if now - self._sampled >= every and self._sample(tree(), now):
            return "memory"
        stall = self._limits.stall_seconds
        return "stall" if stall and now - self._moved > stall else ""

    def _sample(self, tree: set[psutil.Process], now: float) -> bool:
        """Measure memory and computing of all processes; return whether the memory is too much."""
        computed = cpu_seconds_of(tree)
        # A child that ended takes its time with it: any change tells that something goes on.
        busy = abs(computed - self._computed) > IDLE_SHARE * (now - self._sampled)
        if busy and not self._tells:
            self._moved = now
        self._sampled, self._computed = now, computed
        memory = memory_of(tree, self.peak_mb)
        self.peak_mb = max(self.peak_mb, memory)
        return 0 < self._limits.memory_mb < memory


def _number(event: Event, key: str) -> float:
    value = event.get(key)
    return float(value) if isinstance(value, int | float) else 0.0
