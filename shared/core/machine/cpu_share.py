#!/usr/bin/env python3
"""
CPU share: how many CPUs a stage works on, where other films have the rest of the machine.

Two films on one core each are done sooner than one after the other on both: threads wait for one
another, and what a stage does with one thread leaves the other core to nobody.

Usage:
    from shared.core.machine.cpu_share import share_variables, stage_cpus

    threads = stage_cpus()
"""

from __future__ import annotations

from shared.core.configuration.variables import variable
from shared.core.machine.cgroup import usable_cpus

STAGE_CPUS_VARIABLE = "CP_STAGE_CPUS"
# What torch and whatever else computes with OpenMP reads when it is loaded.
OPENMP_VARIABLE = "OMP_NUM_THREADS"


def stage_cpus() -> int:
    """Return how many CPUs this process may use, and its share of them where it was given one."""
    given, usable = variable(STAGE_CPUS_VARIABLE) or "", usable_cpus()
    return min(int(given), usable) if given.isdigit() and int(given) else usable


def share_variables(cpus: int) -> tuple[tuple[str, str], ...]:
    """Return what a process finds in its environment that has a share; the user's own number wins.

    Args:
        cpus: Its share.
    """
    own = ((OPENMP_VARIABLE, str(cpus)),) if variable(OPENMP_VARIABLE) is None else ()
    return ((STAGE_CPUS_VARIABLE, str(cpus)), *own)
