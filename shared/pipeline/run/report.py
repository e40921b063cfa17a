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

from shared.core.errors import EXIT_DEPENDENCY, EXIT_SUCCESS, PipelineError, counted
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
        """The stage that did not translate all lines, None when all are or none were to be."""
        return next((r for r in self.results if TRANSLATION in r.missing), None)

    @property
    def shortfall(self) -> PipelineError | None:
        """What is untranslated, and what to do; None where nothing is, or the user is content."""
        lacking = self.untranslated
        if lacking is None or self.exit_code != EXIT_DEPENDENCY:
            return None
        if lacking.outages:
            told, hint = "; ".join(lacking.outages), "Run the same command again later"
        else:
            told = f"{counted(lacking.summary['untranslated'], 'line')} without translation"
            hint = "Choose another TRANSLATION_ENGINE, or write them into the subtitles"
        return PipelineError(
            f"{lacking.stage}: {told}", hint=f"{hint}; ALLOW_UNTRANSLATED=true is content"
        )
