#!/usr/bin/env python3
"""
Cgroup: how many CPUs and how much memory this process may really use.

A container or a batch system gives a process less than the machine has; counting the machine's
CPUs then starts too many threads, and its memory gets the process killed. Reads control groups of
version 2 and 1, the process's own and every one above it. Standard library only.

Usage:
    from shared.core.machine.cgroup import usable_cpus, usable_memory_mb

    threads = usable_cpus()
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def usable_cpus(root: Path = CGROUP_ROOT, membership: Path = MEMBERSHIP) -> int:
    """Return how many CPUs this process may use: affinity, then the control groups' quotas.

    Args:
        root: Where control groups are mounted.
        membership: The process's own list of control groups.

    Returns:
        At least 1; a quota of 2.5 CPUs counts as 2.
    """
    count = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    for folder in _folders("cpu", root, membership):
        quota, _, period = _read(folder / "cpu.max").partition(" ")
        if not quota:
            quota = _read(folder / "cpu.cfs_quota_us")
            period = _read(folder / "cpu.cfs_period_us")
        if quota.isdigit() and period.isdigit() and int(period) > 0:
            count = min(count, max(1, int(quota) // int(period)))
    return count


def is_busy() -> bool:
    """Return whether more wants to compute on this machine, over a minute, than it has CPUs for."""
    return os.getloadavg()[0] > usable_cpus()


def usable_memory_mb(root: Path = CGROUP_ROOT, membership: Path = MEMBERSHIP) -> int:
    """Return the memory in MiB that this process may use: the machine's or a control group's.

    Args:
        root: Where control groups are mounted.
        membership: The process's own list of control groups.
    """
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for folder in _folders("memory", root, membership):
        for name in ("memory.max", "memory.limit_in_bytes"):
            limit = _read(folder / name)
            if limit.isdigit() and 0 < int(limit) < total:
                total = int(limit)
    return total // 2**20


def _folders(controller: str, root: Path, membership: Path) -> Iterator[Path]:
    """Yield this process's control group folders for a controller, up to the root of each tree.

    A line of the membership file reads "number:controllers:path"; version 2 names no controller.
    Inside a container the path may not exist below the mount point: then only the root counts.
    """
    for line in _read(membership).splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if names and controller not in names.split(","):
            continue
        mount = root / names if names else root
        if names and not mount.is_dir():
            mount = root / controller
        folder = mount / path.strip("/")
        while folder != mount:
            yield folder
            folder = folder.parent
        yield mount


def _read(path: Path) -> str:
    """Return a file's text without blanks around it, or nothing where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
