#!/usr/bin/env python3
"""
Run: a job from plan to end: lock, preflight, stages in order, events and log.

Usage:
    from shared.pipeline.run import run_job

    report = run_job(job_dir, "subtitle", Selection(), display)
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from shared.config import load_config
from shared.core.errors import EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_SUCCESS, InterruptedRun
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.logger import PipelineLogger
from shared.pipeline.attempt import Attempt, StageResult
from shared.pipeline.budgets import stage_timeout
from shared.pipeline.checkpoint import FailedRung
from shared.pipeline.commit import leave_no_scratch, recover
from shared.pipeline.display import Display
from shared.pipeline.events import EVENTS_FILE, LONE, Event
from shared.pipeline.fingerprint import Fingerprints, stage_environment_name
from shared.pipeline.job import Job, keep_copy, load_job
from shared.pipeline.lock import hold_job_lock
from shared.pipeline.places import LOGS_DIR
from shared.pipeline.plan import FORCED, Planner, Selection, Step, selected_stages
from shared.pipeline.reuse import Reuse, open_cache
from shared.pipeline.warm_up import WarmUp

# A copy or a link: little beside any stage that runs.
FROM_CACHE_SECONDS = 0.0
KNOWN_EXIT_CODES = frozenset({0, 1, 2, 3, 4, 130})


@dataclass
class RunReport:
    """What became of a run."""

    job_dir: Path
    steps: list[Step]
    results: list[StageResult] = field(default_factory=list)
    exit_code: int = EXIT_SUCCESS

    @property
    def failed(self) -> StageResult | None:
        """The stage that ended the run, None when none did."""
        return next((r for r in self.results if r.status == "failed"), None)


@dataclass
class _Run:
    """What one run holds in its hands."""

    job_dir: Path
    job: Job
    config: PipelineConfig
    environments: EnvironmentManager
    planner: Planner
    display: Display
    warm_up: WarmUp
    reuse: Reuse


def run_job(
    job_dir: Path, workflow: str, selection: Selection, display: Display, dry_run: bool = False
) -> RunReport:
    """Run or resume a job.

    Args:
        job_dir: The job directory.
        workflow: transcribe, translate or subtitle.
        selection: Which stages, and which to run although nothing changed.
        display: Who is told.
        dry_run: Only plan.

    Returns:
        The report; its exit_code is that of the stage that failed, 0 without one.

    Raises:
        PipelineError: When nothing could be started at all.
    """
    job = load_job(job_dir)
    config = load_config(job_dir)
    environments = EnvironmentManager()
    stages = selected_stages(workflow, selection)
    fingerprints = Fingerprints(job_dir, job, config, environments)
    cache = open_cache(config)
    planner = Planner(job_dir, selection, fingerprints, job.job_id, cache, only_looks=dry_run)
    if dry_run:
        planner.require_earlier_stages(stages)
        steps = planner.plan(stages)
        display.planned(job, steps, _expected_times(steps, job, config, environments))
        return RunReport(job_dir, steps)
    with hold_job_lock(job_dir, config.lock_wait_seconds) as lock:
        recover(job_dir, job.job_id)
        keep_copy(job_dir)
        planner.require_earlier_stages(stages)
        steps = planner.plan(stages)
        report = RunReport(job_dir, steps)
        display.planned(job, steps, _expected_times(steps, job, config, environments))
        to_run, cached = (
            [step.stage for step in steps if step.action == action] for action in ("run", "cached")
        )
        if to_run or cached:
            # A run that has nothing to do need not wait for what this brings along.
            from shared.pipeline.preflight import check_before_run

            told = check_before_run(job_dir, job, to_run, config, environments, cached)
            for warning in told:
                display.noted(warning)
            run = _Run(
                job_dir,
                job,
                config,
                environments,
                planner,
                display,
                WarmUp(lock, config.warm_start),
                Reuse(job_dir, job.job_id, cache, fingerprints, planner),
            )
            try:
                _run_stages(run, stages, report)
            finally:
                leave_no_scratch(job_dir)
        return report


def _expected_times(
    steps: list[Step], job: Job, config: PipelineConfig, environments: EnvironmentManager
) -> dict[str, float]:
    """Return the seconds that each stage with a new result is expected to take."""
    to_do = [step for step in steps if step.is_to_do]
    if not to_do:
        return {}
    # As above: only for a run that has something to do.
    from shared.pipeline.pace import expected_times

    to_run = [step.stage for step in to_do if step.action == "run"]
    times = expected_times(to_run, job, config, environments)
    return {step.stage: times.get(step.stage, FROM_CACHE_SECONDS) for step in to_do}


def _run_stages(run: _Run, stages: list[str], report: RunReport) -> None:
    with _pipeline_log(run) as logger, _event_file(run.job_dir) as events, run.warm_up:
        for stage, following in zip(stages, [*stages[1:], None], strict=True):
            step = run.planner.decide(stage)
            if step.action != "run":
                logger.info(f"{stage}: {step.action}, {step.reason}")
                continue
            result = run.reuse.take(stage) if step.reason != FORCED else None
            if result is None:
                logger.info(f"{stage}: starts, {step.reason}")
                run.display.started(step)
                _record(events, {"event": "start", "stage": stage, "reason": step.reason})
                try:
                    result = _run_stage(run, stage, following, events)
                except (InterruptedRun, KeyboardInterrupt):
                    logger.warning(f"{stage}: interrupted")
                    _record(events, {"event": "interrupted", "stage": stage})
                    report.exit_code = EXIT_INTERRUPTED
                    raise
            run.planner.forget(stage)
            report.results.append(result)
            _record(events, {"event": "end", **asdict(result)})
            logger.info(f"{stage}: {result.status}", extra=_log_fields(result))
            run.display.ended(result)
            if result.status == "failed":
                code = result.exit_code
                report.exit_code = code if code in KNOWN_EXIT_CODES else EXIT_FAILURE
                break
            if not result.reused_from and (trouble := run.reuse.keep(stage)):
                logger.warning(trouble)
        run.reuse.close()


def _run_stage(run: _Run, stage: str, following: str | None, events: TextIO) -> StageResult:

    def tell(event: Event) -> None:
        event = event | {"stage": stage}
        if event["event"] == "progress":
            _record(events, event)
        run.display.event(event)

    not_done = following is not None and run.planner.checkpoint(following) is None
    next_one = _attempt(run, following) if following and not_done else None
    attempt = _attempt(run, stage)
    for wait in (*backoff(run.config.stage_retries, run.config.stage_retry_seconds), None):
        result = _climb_down(run, attempt, next_one, tell, events)
        if not result.is_passing or wait is None:
            break
        again = {"stage": stage, "attempt": result.attempt, "reason": result.reason}
        _record(events, {"event": "retry", **again, "wait": wait})
        run.display.retried(result, wait)
        time.sleep(wait)
        attempt = replace(attempt, number=result.attempt + 1)
    return result


def backoff(retries: int, first: float) -> list[float]:
    """Return the seconds to wait before each further try, doubling.

    Args:
        retries: How many further tries.
        first: The first wait.
    """
    return [first * 2**number for number in range(retries)]


def _attempt(run: _Run, stage: str) -> Attempt:
    """Return the first attempt of a stage."""
    environment = stage_environment_name(stage, run.config, run.environments)
    return Attempt(
        job_dir=run.job_dir,
        stage=stage,
        python=run.environments.python(environment),
        environment=environment,
        environment_lock=run.environments.lock_digest(environment),
        timeout=stage_timeout(
            stage,
            run.job.duration,
            run.config.stage_timeout_factor,
            run.config.stage_timeout_minimum,
        ),
        grace=run.config.stage_grace_seconds,
        stall=run.config.stage_stall_seconds,
        log_max_mb=run.config.log_max_mb,
        memory_mb=run.config.stage_memory_mb,
        job_id=run.job.job_id,
    )


def _climb_down(
    run: _Run,
    attempt: Attempt,
    next_one: Attempt | None,
    tell: Callable[[Event], None],
    events: TextIO,
) -> StageResult:
    """Run a stage; after each failure for want of memory, again one rung lower on its ladder."""
    while True:
        with run.warm_up.take(attempt) as warm:
            if next_one is not None:
                run.warm_up.prepare(next_one)
            result = warm.run(tell)
        if result.next_rung is None:
            return result
        failed = FailedRung(
            rung=result.rung,
            reason=result.reason,
            seconds=round(result.seconds, 3),
            peak_memory_mb=result.peak_memory_mb,
        )
        _record(events, {"event": "rung", "stage": attempt.stage, **failed.model_dump()})
        attempt = replace(
            attempt,
            number=attempt.number + 1,
            rung=result.next_rung,
            failed_rungs=(*attempt.failed_rungs, failed),
        )


@contextmanager
def _pipeline_log(run: _Run) -> Iterator[PipelineLogger]:
    stamp = datetime.now().strftime("%Y%m%d_%H%M%S")
    logs = run.job_dir / LOGS_DIR
    logs.mkdir(exist_ok=True)
    logger = PipelineLogger(
        "pipeline",
        log_level=run.config.log_level,
        log_format=run.config.log_format,
        log_file=logs / f"99_pipeline_{stamp}.log",
    )
    try:
        yield logger
    finally:
        logger.close()


@contextmanager
def _event_file(job_dir: Path) -> Iterator[TextIO]:
    with (job_dir / EVENTS_FILE).open("a", encoding="utf-8", errors=LONE) as stream:
        yield stream


def _record(stream: TextIO, event: Event) -> None:
    """Append an event; one write, so that a kill leaves at most one cut line at the end."""
    facts = {"time": round(time.time(), 3), "pid": os.getpid(), **event}
    stream.write(json.dumps(facts, ensure_ascii=False, default=str) + "\n")
    stream.flush()


def _log_fields(result: StageResult) -> dict[str, object]:
    fields: dict[str, object] = {"seconds": round(result.seconds, 2)}
    fields["peak_memory_mb"] = result.peak_memory_mb
    if result.reason:
        fields["reason"] = result.reason
    if result.warnings:
        fields["warnings"] = result.warnings
    return fields
