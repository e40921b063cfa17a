#!/usr/bin/env python3
"""
Drifted: what a person is told when a stage ran with other packages than its lock names.

Usage:
    from shared.pipeline.run.drifted import told_drift

    told_drift(["common: pysubs2 1.8.0 (1.8.1)"])
"""

from __future__ import annotations


def told_drift(drifted: list[str]) -> list[str]:
    """Return the warning about packages that are not as locked; nothing where all are.

    Args:
        drifted: What EnvironmentManager.drift() found.
    """
    if not drifted:
        return []
    names = dict.fromkeys(told.partition(":")[0] for told in drifted)
    command = " ".join(["./bootstrap.sh", *(f"--env {name}" for name in names)])
    return [f"Not as locked, so not kept for other jobs: {'; '.join(drifted)} ({command})"]
