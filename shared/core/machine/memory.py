#!/usr/bin/env python3
"""
Memory: a limit on what this process may take, so that it fails by itself and not the machine.

Usage:
    from shared.core.machine.memory import lift_memory_limit, limit_memory

    limit_memory(8192)
    lift_memory_limit()  # it has failed: its last words need some
"""

from __future__ import annotations

import resource
import sys

MIB = 1 << 20


def limit_memory(megabytes: int) -> None:
    """Limit the private memory of this process and of those it starts.

    Beyond it allocations fail (MemoryError, std::bad_alloc). Linux counts the heap and private
    mappings (RLIMIT_DATA); macOS enforces no such limit, so that nothing is done there.

    Args:
        megabytes: MiB; 0 = no limit.
    """
    if not megabytes or sys.platform != "linux":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes * MIB
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def lift_memory_limit() -> None:
    """Take the limit away again, as far as this process may."""
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
