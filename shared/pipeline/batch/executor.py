#!/usr/bin/env python3
"""
Executor: what a batch asks of a scheduler: the slots there are, work put into one, its answer.

Which attempt goes into which slot, and when, is decided by shared/pipeline/batch/gate.py: an
executor runs what it is given where it is told to, and says when that has ended. Another engine
than dask.distributed has to do no more than this.

Usage:
    from shared.pipeline.batch.executor import Executor, Slot

    with make_executor(slots) as executor:
        result = executor.submit("cpu", 500, attempt).wait(3600.0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Kind = Literal["CPU", "GPU"]
# A machine's cores and memory, shared out; a GPU is one thing and belongs to one attempt.
WHOLE = 1000
ONE_GPU = 1


@dataclass(frozen=True)
class Slot:
    """A place where attempts run.

    Attributes:
        name: Its own.
        kind: The machine's cores and memory, or one of its GPUs.
        units: How much of it there is: WHOLE of a machine, ONE_GPU of a GPU.
        variables: What the attempts there find in their environment: which GPU is theirs.
        offers: What it can do, where that is not all: words of cluster/offers.py.
    """

    name: str
    kind: Kind
    units: int
    variables: tuple[tuple[str, str], ...] = ()
    offers: frozenset[str] = frozenset()


class Pending(Protocol):
    """Work that was handed over."""

    def wait(self, seconds: float) -> Any:
        """Return its answer, or raise what it raised.

        Args:
            seconds: Longest wait.

        Raises:
            DependencyError: The scheduler lost it, or it did not end in its time.
        """


class Executor(AbstractContextManager[Any], Protocol):
    """Runs work in slots; left when nothing is to run any more."""

    def submit(self, slot: str, units: int, work: Callable[[], Any]) -> Pending:
        """Hand work over.

        Args:
            slot: Name of the slot that it runs in.
            units: How much of that it takes.
            work: Runs once, or not at all where the scheduler fails.

        Returns:
            What waits for its answer.
        """


MakeExecutor = Callable[[Sequence[Slot]], Executor]
