#!/usr/bin/env python3
"""
Run report: what became of a run, for whoever tells it to somebody.

Usage:
    from shared.pipeline.run.report import RunReport
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from shared.core.errors import EXIT_SUCCESS
from shared.core.identity import TRANSLATION
from shared.pipeline.plan.plan import Step

if TYPE_CHECKING:
    from shared.pipeline.run.result import StageResult


@dataclass
class RunReport:
    """What became of a run."""

    job_dir: Path
    steps: list[Step]
    results: list[StageResult] = field(default_factory=list)
    exit_code: int = EXIT_SUCCESS

    @property
    def failed(self) -> StageResult | None:
        """The stage that ended the run, None when none did."""
        return next((r for r in self.results if r.status == "failed"), None)

    @property
    def untranslated(self) -> StageResult | None:
        """The stage that an outage kept from translating all lines, None when none did."""
        return next((r for r in self.results if TRANSLATION in r.missing), None)
