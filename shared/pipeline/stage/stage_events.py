#!/usr/bin/env python3
"""
Stage events: what a stage tells the orchestrator while it works, and its result.

Usage:
    from shared.pipeline.stage.stage_events import StageEvents

    events = StageEvents("asr")
    events.progress(12.0, 60.0, "s")
    events.result("done", summary={})
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from shared import config as configuration
from shared.core.ladder import Rung
from shared.pipeline.job.events import EventWriter
from shared.pipeline.job.stray_writes import WROTE
from shared.services.calls import Call

PROGRESS_INTERVAL = 0.25


class StageEvents:
    """The events of the stage that runs in this process.

    Args:
        stage: A name in STAGE_ORDER.

    Attributes:
        is_heard: Whether there is an orchestrator that hears them.
    """

    def __init__(self, stage: str) -> None:
        descriptor = configuration.inherited_number(configuration.EVENTS_FD_VARIABLE)
        self.is_heard = descriptor is not None
        self._stage = stage
        self._writer = EventWriter(descriptor)
        self._progress_told = 0.0
        self._is_ready = False

    def ready(self, has_model: bool = True) -> None:
        """Tell that the work begins, once.

        Args:
            has_model: Whether what came before it was the loading of a model.
        """
        if not self._is_ready:
            self._is_ready = True
            self._writer.write("ready", stage=self._stage, model=has_model)

    def progress(self, done: float, total: float, unit: str) -> None:
        """Tell how far the work is, a few times a second and at its end.

        Args:
            done: Work done, in unit.
            total: All the work, in the same unit.
            unit: 's' for seconds of media, or what is counted.
        """
        self.ready(has_model=False)
        now = time.monotonic()
        if now - self._progress_told >= PROGRESS_INTERVAL or done >= total:
            self._progress_told = now
            self._writer.write("progress", stage=self._stage, done=done, total=total, unit=unit)

    def rung(self, index: int, last: int, rung: Rung) -> None:
        """Tell on which rung of its ladder the stage works.

        Args:
            index: Its place, 0 for the wanted one.
            last: The place of the lowest one.
            rung: How the stage works on it.
        """
        self._writer.write("rung", stage=self._stage, index=index, last=last, label=rung.label)

    def called(self, call: Call) -> None:
        """Tell of a call of a service.

        Args:
            call: What came of it.
        """
        self._writer.write("service", stage=self._stage, **asdict(call))

    def wrote(self, path: str, kept: str) -> None:
        """Tell of a place in the job directory that is not the stage's.

        Args:
            path: The place, relative to the job directory.
            kept: Where what lay there was moved to, or ''.
        """
        self._writer.write(WROTE, stage=self._stage, path=path, kept=kept)

    def result(self, status: str, **details: Any) -> None:
        """Tell how the stage ended.

        Args:
            status: 'done', 'skipped', 'failed', or 'ended' where its exit code alone tells how.
            details: What belongs into its manifest.
        """
        self._writer.write("result", stage=self._stage, status=status, **details)
