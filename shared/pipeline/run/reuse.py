#!/usr/bin/env python3
"""
Reuse: a stage's result taken from the cache instead of running it, and new results put there; the
record of a stage that a job does not need, made without any process.

The cache never fails a run: what cannot be read or written there is work done again.

Usage:
    from shared.pipeline.run.reuse import Reuse

    reuse = Reuse(job_dir, job_id, open_cache(config), fingerprints, planner)
    result = reuse.take("demux")
"""

from __future__ import annotations

import errno
import shutil
import time
from pathlib import Path

from shared.core.errors import EXIT_SUCCESS
from shared.environment_manager import STAGE_TO_ENV
from shared.pipeline.cache.cache import ResultCache
from shared.pipeline.cache.entry import Entry
from shared.pipeline.job.checkpoint import now
from shared.pipeline.job.commit import SCRATCH_DIR, commit_outputs
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.job import Job
from shared.pipeline.job.record.manifest import Checkpoint
from shared.pipeline.plan.plan import Planner
from shared.pipeline.run.attempt import make_scratch, saved_edit
from shared.pipeline.run.result import StageResult
from shared.stage_order import get_stage_dir


class Reuse:
    """What one run takes from the cache and gives to it.

    Args:
        job_dir: The job directory.
        job_id: The job's own.
        cache: The cache.
        fingerprints: What the job's stages depend on.
        planner: The job's plan, for what its stages have written.
    """

    def __init__(
        self,
        job_dir: Path,
        job_id: str,
        cache: ResultCache,
        fingerprints: Fingerprints,
        planner: Planner,
    ) -> None:
        self._job_dir = job_dir
        self._job_id = job_id
        self._cache = cache
        self._fingerprints = fingerprints
        self._planner = planner
        self._stored = False
        self._told = ""
        self._held: OSError | None = None
        try:
            cache.tidy()
        except OSError:  # then nothing can be kept either, and keep() says why
            return

    def take(self, stage: str) -> StageResult | None:
        """Commit a cached result as the stage's own; None when there is none.

        Args:
            stage: A name in STAGE_ORDER.

        Returns:
            The result with the job that did the work; None where the stage has to run.
        """
        started = time.monotonic()
        if self._held is not None:
            return None
        try:
            outputs = self._planner.known_outputs()
            entry = self._cache.find(stage, self._fingerprints, outputs)
            return None if entry is None else self._commit(entry, started)
        except OSError as error:
            self._mind(error)
            return None

    def keep(self, stage: str) -> str:
        """Put the result that a stage has just written into the cache.

        Args:
            stage: A name in STAGE_ORDER.

        Returns:
            Why it could not be kept, told once for each cause; empty when it was.
        """
        record = self._planner.checkpoint(stage)
        if record is None:
            return ""
        if self._held is not None:
            return self._tell(stage, self._held)
        try:
            self._cache.store(record, self._job_dir / get_stage_dir(stage))
            self._stored = True
        except OSError as error:
            self._mind(error)
            return self._tell(stage, error)
        return ""

    def _mind(self, error: OSError) -> None:
        """Do without the cache for the rest of the run once its lock was waited for in vain."""
        if error.errno == errno.EAGAIN:
            self._held = error

    def _tell(self, stage: str, error: OSError) -> str:
        cause = f"{error.strerror}: {error.filename}" if error.filename else f"{error.strerror}"
        if cause == self._told:
            return ""
        self._told = cause
        return f"{stage} is not in the cache: {cause}"

    def close(self) -> None:
        """Hold the cache to its limits, if anything was added."""
        if self._stored and self._held is None:
            try:
                self._cache.prune()
            except OSError:
                return

    def _commit(self, entry: Entry, started: float) -> StageResult | None:
        record = entry.record
        scratch = make_scratch(self._job_dir, record.stage)
        try:
            outputs = self._cache.take(entry, scratch)
            if outputs is None:
                return None
            source = entry.source
            fields = {"job_id": self._job_id, "reused_from": source, "finished_at": now()}
            own = record.model_copy(update={**fields, "outputs": outputs, "over_budget": []})
            saved = commit_outputs(self._job_dir, own, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        told = f"as in job {source}"
        return StageResult(
            stage=record.stage,
            status=record.status,
            exit_code=0,
            reason=record.reason or told,
            seconds=time.monotonic() - started,
            reused_from=source,
            warnings=[*record.warnings, *map(saved_edit, saved)],
            summary=record.summary,
        )


def pass_over(job_dir: Path, job: Job, planner: Planner, stage: str) -> StageResult | None:
    """Record that a stage is not needed, where nothing says so yet.

    Args:
        job_dir: The job directory, under its lock.
        job: What was prepared.
        planner: Which stages are not needed; it reads the record anew.
        stage: A name in STAGE_ORDER.

    Returns:
        What became of the stage; None where it is needed, or was recorded before.
    """
    reason = planner.unneeded.get(stage)
    known = planner.checkpoint(stage)
    if reason is None or (known and known.status == "skipped" and known.reason == reason):
        return None
    text = vars(job)["text"]
    record = Checkpoint(
        stage=stage,
        job_id=job.job_id,
        status="skipped",
        reason=reason,
        finished_at=now(),
        seconds=0.0,
        peak_memory_mb=0.0,
        environment=STAGE_TO_ENV[stage],
        environment_lock=None,
        inputs={},
        parameters={},
        # Without the text the stage is one that was not done.
        job_fields={"TEXT": text.model_dump(mode="json") if text is not None else None},
        code={},
        outputs={},
        warnings=[],
        summary={},
    )
    scratch = job_dir / SCRATCH_DIR / stage
    scratch.parent.mkdir(exist_ok=True)
    commit_outputs(job_dir, record, scratch)
    planner.forget(stage)
    return StageResult(stage=stage, status="skipped", exit_code=EXIT_SUCCESS, reason=reason)
