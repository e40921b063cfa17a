#!/usr/bin/env python3
"""
Ladder: what a stage does when memory runs out or a device fails: smaller batch, int8, shorter
chunks, CPU.

A stage builds its ladder, asks StageIO on which rung to stand, and works. If it runs out of memory,
however it ends (an exception, or killed by the system), the orchestrator starts it again one rung
lower in a new process, which frees everything; a failing device goes straight to the CPU. Each step
is recorded in the stage's manifest.

Usage:
    from shared.core.ladder import Rung, build_ladder

    rung = stage_io.use_rung(build_ladder(Rung("cuda", "float16", 16, 28.0)))
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

CPU = "cpu"
SMALL = "int8"
SHORTEST_CHUNK = 5.0
Trouble = Literal["memory", "device"]

# How a process ends that the system killed for its memory, or whose native code could not get any.
MEMORY_SIGNALS = frozenset({signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS})
MEMORY_TROUBLE = re.compile(
    r"out of memory|outofmemory|bad_alloc|can't allocate memory|cannot allocate memory"
    r"|failed to allocate|alloc_failed|not enough memory|insufficient memory"
    r"|failed to map segment from shared object(?!: Operation)"
    r"|could not create a primitive",
    re.IGNORECASE,
)
DEVICE_TROUBLE = re.compile(
    r"cuda (error|failure|driver)|cudnn|cublas|libcud|no kernel image|mps backend|metal"
    r"|no nvidia driver|not compiled with cuda",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rung:
    """How a stage works: device, number format, batch (items), length heard at once (seconds).

    What does not matter to a stage keeps its default; an engine that knows one number format only
    says compute_type="" and gets no rung for another.
    """

    device: str = CPU
    compute_type: str = SMALL
    batch_size: int = 1
    chunk_length: float = 0.0

    @property
    def label(self) -> str:
        """The rung in words, for logs and reports."""
        parts = [self.device, *filter(None, [self.compute_type]), f"batch {self.batch_size}"]
        if self.chunk_length:
            parts.append(f"chunks of {self.chunk_length:g} s")
        return ", ".join(parts)


def build_ladder(first: Rung, shortest_chunk: float = SHORTEST_CHUNK) -> list[Rung]:
    """Return the rungs from the wanted one down to the last resort, each different.

    Args:
        first: What the configuration asks for.
        shortest_chunk: Chunks are not cut below this, seconds.
    """
    rungs = [first]
    while rungs[-1].batch_size > 1:
        rungs.append(replace(rungs[-1], batch_size=max(1, rungs[-1].batch_size // 4)))
    if first.compute_type and not first.compute_type.startswith(SMALL):
        rungs.append(replace(rungs[-1], compute_type=SMALL))
    if first.chunk_length / 2 >= shortest_chunk:
        rungs.append(replace(rungs[-1], chunk_length=first.chunk_length / 2))
    if first.device != CPU:
        rungs.append(replace(rungs[-1], device=CPU, compute_type=first.compute_type and SMALL))
    return rungs


def trouble_of(error: BaseException) -> Trouble | None:
    """Return whether an error means that memory ran out or that a device failed, else None.

    Args:
        error: With its causes: engines wrap what their libraries raise.
    """
    for one in _with_causes(error):
        text = f"{type(one).__name__}: {one}"
        if isinstance(one, MemoryError) or MEMORY_TROUBLE.search(text):
            return "memory"
    for one in _with_causes(error):
        if isinstance(one, RuntimeError | OSError | AssertionError) and DEVICE_TROUBLE.search(
            str(one)
        ):
            return "device"
    return None


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was raised from."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
