#!/usr/bin/env python3
"""
Probe of the environment batch: a scheduler and a worker in this process, and one task between them.

Usage:
    venv/batch/bin/python tools/probes/batch.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import sys
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import require, run_probe  # noqa: E402


def work(device: str) -> str:
    """Run a task in a slot, as a batch runs an attempt.

    Args:
        device: cpu, cuda or mps; a scheduler computes on none.

    Returns:
        What ran and what came out, in one line.
    """
    import distributed

    from shared.pipeline.batch.dask_executor import DaskExecutor
    from shared.pipeline.batch.executor import Slot

    with DaskExecutor([Slot("cpu", "CPU", 1000)]) as executor:
        answer = executor.submit("cpu", 500, lambda: 6 * 7).wait(60.0)
    require(answer == 42, f"the task answered {answer}")
    return f"distributed {distributed.__version__} ran a task in a slot of this process"


if __name__ == "__main__":
    run_probe("dask.distributed", work)
