#!/usr/bin/env python3
"""
Again: at which limit a stage failed, whether trying again may help, and on which rung.

Usage:
    from shared.pipeline.run.again import is_passing, next_rung

    is_passing(outcome)
"""

from __future__ import annotations

from shared.core.errors import EXIT_DEPENDENCY, EXIT_FAILURE, EXIT_UNAVAILABLE
from shared.core.ladder import MEMORY_SIGNALS
from shared.pipeline.run.outcome import Outcome
from shared.pipeline.run.watch import Limits


def exceeded(limits: Limits, outcome: Outcome) -> tuple[int, str, str]:
    """Return exit code, reason and hint of a stage that was stopped at one of its limits.

    Args:
        limits: What it might take.
        outcome: How the attempt ended.
    """
    if outcome.excess == "stall":
        told = f"made no progress for {limits.stall_seconds:.0f} s and was stopped"
        return EXIT_FAILURE, told, "Raise STAGE_STALL_SECONDS, or set it to 0"
    if outcome.excess == "memory":
        told = f"took {outcome.peak_memory_mb:.0f} MiB of the {limits.memory_mb} MiB it may take"
        return EXIT_UNAVAILABLE, told, "Raise STAGE_MEMORY_MB, or choose a smaller model"
    told = f"took longer than {limits.seconds:.0f} s and was stopped"
    return EXIT_FAILURE, told, "Raise STAGE_TIMEOUT_FACTOR or STAGE_TIMEOUT_MINIMUM"


def is_passing(outcome: Outcome) -> bool:
    """Return whether a failure may be gone the next time: a service, a stall, a stray signal.

    A signal that means want of memory is the ladder's, where the stage has one: below its last
    rung there is nothing to try.

    Args:
        outcome: How the attempt ended.
    """
    if outcome.excess:
        return outcome.excess == "stall"
    if outcome.exit_code < 0:
        return outcome.rung is None or -outcome.exit_code not in MEMORY_SIGNALS
    return outcome.exit_code == EXIT_DEPENDENCY


def next_rung(outcome: Outcome) -> int | None:
    """Return the rung of the fallback ladder to try after a failure, None where none would help.

    Args:
        outcome: How the attempt ended.
    """
    rung = outcome.rung
    if rung is None or outcome.excess in {"time", "stall"} or rung["index"] >= rung["last"]:
        return None
    trouble = (outcome.result or {}).get("trouble")
    if trouble == "device":
        return int(rung["last"])
    if "memory" in {trouble, outcome.excess} or -outcome.exit_code in MEMORY_SIGNALS:
        return int(rung["index"]) + 1
    return None
