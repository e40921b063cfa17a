#!/usr/bin/env python3
"""
Performance: the time and memory of a stage's work, logged, and its profile (standards 8.3, 8.4).

Usage:
    from shared.pipeline.stage.performance import profile_stage, track_performance

    with track_performance("asr", logger):
        result = run_asr_stage()
    result = profile_stage(lambda: run_asr_stage(), Path("profiling/asr_stage.prof"))
"""

from __future__ import annotations

import cProfile
import logging
import os
import pstats
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from shared.config import load_config, stage_location
from shared.core.errors import InputError
from shared.core.files import draft_of
from shared.logger import PipelineLogger
from shared.pipeline.job.job import load_job
from shared.pipeline.plan.budgets import SECONDS_PER_MINUTE, Work, over_budget, spoken_words
from shared.pipeline.stage.tree import descendants, memory_of

Result = TypeVar("Result")
TOP_CONSUMERS = 20
KIB = 1 << 10


@contextmanager
def track_performance(
    stage_name: str, logger: logging.Logger | PipelineLogger, work: Work | None = None
) -> Iterator[None]:
    """Log how long the work inside the block took and how much memory it holds afterwards.

    Work over the stage's budget is warned about. It is logged when the block raises, too.

    Args:
        stage_name: A name in STAGE_ORDER; one without a budget is only measured.
        logger: Gets 'Performance metrics' with the fields stage, duration_seconds, memory_mb (the
            change, MiB) and timestamp (seconds since 1970).
        work: What is worked on; None takes the running stage's job, outside a job one minute of
            film on a CPU.

    Example:
        >>> with track_performance("asr", logger):
        ...     result = run_asr_stage()
    """
    started, held = time.monotonic(), get_memory_usage()
    try:
        yield
    finally:
        seconds = time.monotonic() - started
        measured = {
            "stage": stage_name,
            "duration_seconds": round(seconds, 3),
            "memory_mb": round(get_memory_usage() - held, 1),
            "timestamp": time.time(),
        }
        logger.info("Performance metrics", extra=measured)
        for told in over_budget(stage_name, seconds, peak_memory(), work or running_work()):
            logger.warning(f"Stage {stage_name} {told}")


def profile_stage(func: Callable[[], Result], output_file: Path) -> Result:
    """Run a function under cProfile, save the profile and print its top consumers.

    The profile is saved when the function raises, too. cProfile follows the calling thread.

    Args:
        func: What is profiled.
        output_file: Where the profile goes, for pstats or snakeviz; its folder is made.

    Returns:
        What the function returned.

    Raises:
        OSError: The profile cannot be written.
        ValueError: Another profiler is at work (Python 3.12 and later).

    Example:
        >>> profile_stage(lambda: sum(range(10)), Path("profiling/sum.prof"))
        45
    """
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        return func()
    finally:
        profiler.disable()
        _save(profiler, output_file)
        stats = pstats.Stats(profiler, stream=sys.stdout)
        stats.sort_stats("cumulative").print_stats(TOP_CONSUMERS)


def get_memory_usage() -> float:
    """Return the memory of this process and of those it started, MiB."""
    return memory_of(descendants(os.getpid()))


def peak_memory() -> float:
    """Return the most memory that this process has held, or now holds with its children, MiB."""
    scale = KIB * KIB if sys.platform == "darwin" else KIB  # macOS counts bytes, Linux KiB
    return max(get_memory_usage(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale)


def running_work() -> Work:
    """Return what the stage that runs in this process works on; one minute outside a job.

    Nothing that is read for it counts among what the stage depends on.
    """
    try:
        job_dir, _ = stage_location()
        job, config = load_job(job_dir), load_config(job_dir, recorded=False)
    except InputError:
        return Work()
    return Work(
        minutes=job.duration / SECONDS_PER_MINUTE,
        device=config.device,
        languages=len(job.target_languages),
        words=spoken_words(job_dir),
    )


def _save(profiler: cProfile.Profile, path: Path) -> None:
    """Write a profile so that its name never holds a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        profiler.dump_stats(draft)
