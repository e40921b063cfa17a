#!/usr/bin/env python3
"""
CTranslate2 runtime: importing this module makes CTranslate2 cheaper on a CPU; import it first.

Every layer of Whisper's encoder takes some hundred MB for a moment. The C library gives so large a
piece back to the system at once and asks for it anew at the next layer: every page is cleared and
mapped again, a fifth of all CPU time of recognition. Here memory stays with the process, whose
peak is the same; and threads that wait for work sleep, they do not turn in a loop on a core that
another program could use (0.9 s while a model loads). A user's own variables win.

Usage:
    from scripts.runtime import ctranslate2_runtime  # noqa: F401  before ctranslate2 is imported
"""

from __future__ import annotations

import ctypes
import sys

from shared.core.configuration.variables import set_unless_set
from shared.core.machine.cpu_share import stage_cpus

# mallopt's names for: when memory goes back, from which size pieces are mapped one by one, how many
# pieces may be, how many threads have memory of their own (malloc.h of the GNU C library).
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -3, -4, -8
KEPT_BYTES = 1 << 30
SETTINGS = {
    M_TRIM_THRESHOLD: KEPT_BYTES,
    M_MMAP_THRESHOLD: KEPT_BYTES,
    M_MMAP_MAX: 0,
    M_ARENA_MAX: 1,
}
WAITING = "OMP_WAIT_POLICY"
# CTranslate2's own number of threads for one model; more gain little with so small matrices.
MOST_THREADS = 4


def keep_memory() -> bool:
    """Let the C library keep what it was given back; return whether it is one that can."""
    if not sys.platform.startswith("linux"):
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is None:
        return False
    return all([set_option(option, value) for option, value in SETTINGS.items()])


def thread_count(wanted: int) -> int:
    """Return how many threads a model works with: never more than this process has CPUs.

    CTranslate2 counts the machine's; a container may use fewer, and threads beyond them only wait
    for one another.

    Args:
        wanted: NUM_THREADS; 0: as many as help.
    """
    usable = stage_cpus()
    return min(wanted, usable) if wanted else min(MOST_THREADS, usable)


# Read when the library is loaded, so it must be in the process's own environment before.
set_unless_set(WAITING, "passive")
keep_memory()
