#!/usr/bin/env python3
"""
Outcome: how one process of a stage ended, before anybody judges what that means.

Usage:
    from shared.pipeline.run.outcome import Outcome
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.pipeline.job.events import Event
from shared.pipeline.run.watch import Excess


@dataclass
class Outcome:
    """How a stage process ended, what it told and the end of what it printed.

    Of its progress, which may be told a hundred thousand times, nothing is kept. Of a process that
    ended at once, `peak_memory_mb` is what it cannot have exceeded: `is_measured` is False.
    Its work began at `began`, in seconds since 1970; `cpu_seconds` are its own and of all it waited
    for.
    """

    exit_code: int
    excess: Excess
    seconds: float
    peak_memory_mb: float
    events: list[Event] = field(default_factory=list)
    printed: bytes = b""
    is_measured: bool = True
    began: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def result(self) -> Event | None:
        """The stage's own last word, None when it ended without one."""
        return self._last("result")

    @property
    def rung(self) -> Event | None:
        """Where on its fallback ladder the stage stood, None when it has none."""
        return self._last("rung")

    def _last(self, kind: str) -> Event | None:
        return next((e for e in reversed(self.events) if e["event"] == kind), None)
