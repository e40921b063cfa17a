#!/usr/bin/env python3
"""
Library timing: wall and processor seconds of a part of a measurement.

Usage:
    from tools.measure.library_timing import Figures, timed

    with timed(found, "load"): ...      # found["load_s"], found["load_cpu_s"]
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Figures = dict[str, Any]


@contextmanager
def timed(found: Figures, name: str) -> Iterator[None]:
    """Add the wall and processor seconds of what is done inside.

    Args:
        found: Where to.
        name: What they are called.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    found[f"{name}_s"] = found.get(f"{name}_s", 0.0) + time.perf_counter() - wall
    found[f"{name}_cpu_s"] = found.get(f"{name}_cpu_s", 0.0) + time.process_time() - cpu
