#!/usr/bin/env python3
"""
Live: what is so just now: jobs at work, jobs by state, stuck ones, free disk space.

Usage:
    from shared.observability.metrics.live import LiveMetrics

    LiveMetrics().measure(config)
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge

from shared.core.settings import PipelineConfig
from shared.observability.metrics.instruments import PREFIX
from shared.pipeline.job.events import EVENTS_FILE
from shared.pipeline.job.job import output_root
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.jobs.listing import JobState, list_jobs
from shared.pipeline.plan.space import jobs_at_work


class LiveMetrics:
    """Gauges that are measured when somebody asks for them.

    Attributes:
        registry: What generate_latest() takes.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.active_jobs = self._gauge("active_jobs", "Currently active jobs")
        self.jobs = self._gauge("jobs", "Jobs that there are, by state", "state")
        self.stuck_jobs = self._gauge("stuck_jobs", "Running jobs that have told nothing for long")
        self.disk_free = self._gauge("disk_free_bytes", "Free on the disk of all jobs")

    def measure(self, config: PipelineConfig) -> None:
        """Take every gauge anew.

        Args:
            config: Where the jobs are, and for how long a running one may be silent.
        """
        root = output_root(config)
        self.active_jobs.set(len(jobs_at_work(root)))
        counts = Counter(job.state for job in list_jobs(root))
        for state in get_args(JobState):
            self.jobs.labels(state=state).set(counts[state])
        self.stuck_jobs.set(len(stuck_jobs(config)))
        self.disk_free.set(free_bytes(root))

    def _gauge(self, name: str, purpose: str, *labels: str) -> Gauge:
        return Gauge(PREFIX + name, purpose, labels, registry=self.registry)


def stuck_jobs(config: PipelineConfig) -> list[Path]:
    """Return the running jobs that have told nothing for longer than a run lets a stage be silent.

    Args:
        config: HEALTH_STUCK_SECONDS, and where the jobs are.
    """
    since = time.time() - config.health_stuck_seconds
    return [job for job in jobs_at_work(output_root(config)) if last_word(job) < since]


def last_word(job_dir: Path) -> float:
    """Return when a job told something last, in its events or logs, in seconds since 1970.

    Args:
        job_dir: The job directory; one that cannot be looked into has told just now.
    """
    told = []
    for path in (job_dir / EVENTS_FILE, *(job_dir / LOGS_DIR).glob("*.log")):
        try:
            told.append(path.stat().st_mtime)
        except OSError:
            continue
    return max(told, default=time.time())


def free_bytes(folder: Path) -> int:
    """Return what is free on the disk of a folder, which need not be there yet.

    Args:
        folder: For example that of all jobs.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
