#!/usr/bin/env python3
"""
Result: what became of one attempt of a stage, as data.

Usage:
    from shared.pipeline.run.result import StageResult, judge

    result = judge("asr", 1, limits, outcome, log)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS
from shared.core.ladder import MEMORY_SIGNALS
from shared.core.ran.packages import told_drift
from shared.environment_manager import EnvironmentManager
from shared.pipeline.job.events import Event
from shared.pipeline.run.again import exceeded, is_passing, next_rung
from shared.pipeline.run.logs.cause import find_cause
from shared.pipeline.run.outcome import Outcome
from shared.pipeline.run.watch import Limits


@dataclass(frozen=True)
class StageResult:
    """What became of one attempt; it began its work at `began`, seconds since 1970."""

    stage: str
    status: Literal["done", "skipped", "failed"]
    exit_code: int
    reason: str = ""
    hint: str = ""
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    rung: str = ""
    next_rung: int | None = None
    reused_from: str = ""
    is_passing: bool = False
    attempt: int = 1
    warnings: list[str] = field(default_factory=list)
    outages: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    began: float = 0.0
    cpu_seconds: float = 0.0
    span_id: str = ""


def judge(stage: str, number: int, limits: Limits, outcome: Outcome, log: Path) -> StageResult:
    """Return how a process ended as a result: its exit code decides, its last word explains.

    Args:
        stage: A name in STAGE_ORDER.
        number: Which attempt it was, from 1.
        limits: What it might take.
        outcome: How its process ended.
        log: Where it printed to.

    Returns:
        Status, exit code, reason and hint of the attempt.
    """
    said = outcome.result or {}
    status: Literal["done", "skipped", "failed"] = "failed"
    code, reason, hint = outcome.exit_code, said.get("reason", ""), said.get("hint", "")
    if outcome.excess:
        code, reason, hint = exceeded(limits, outcome)
    elif code == EXIT_SUCCESS and said.get("status") != "failed":
        status = "skipped" if said.get("status") == "skipped" else "done"
    elif code < 0:
        reason, code = f"was killed by signal {-code}", EXIT_FAILURE
        if -outcome.exit_code in MEMORY_SIGNALS:
            hint = f"Signal {-outcome.exit_code} often means that memory ran out; read {log}"
    elif said.get("status") == "failed":  # an error that nobody caught ends Python with 1
        code = said.get("exit_code") or code or EXIT_FAILURE
    else:
        cause = find_cause(outcome.printed)
        reason = cause or f"ended with exit code {code} without saying why"
    drifted = EnvironmentManager().drift(said.get("packages", {}))
    return StageResult(
        stage=stage,
        status=status,
        exit_code=code,
        reason=reason,
        hint=hint or (f"Read {log}" if status == "failed" else ""),
        seconds=outcome.seconds,
        peak_memory_mb=outcome.peak_memory_mb,
        rung=outcome.rung["label"] if outcome.rung else "",
        next_rung=next_rung(outcome) if status == "failed" else None,
        is_passing=status == "failed" and is_passing(outcome),
        attempt=number,
        warnings=[*said.get("warnings", []), *_untold(status, said), *told_drift(drifted)],
        outages=said.get("outages", []),
        missing=said.get("missing", []),
        drifted=drifted,
        summary=said.get("summary", {}),
        began=outcome.began,
        cpu_seconds=round(outcome.cpu_seconds, 3),
    )


def _untold(status: str, said: Event) -> list[str]:
    """Return the warning about a stage that succeeded without a word."""
    if status == "failed" or said:
        return []
    return [
        "Ended without telling what it read, and runs again each time: "
        "it does not use StageIO, or ends by os._exit()"
    ]
