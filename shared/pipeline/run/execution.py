#!/usr/bin/env python3
"""
Execution: the stages of a plan, one after another, with events, log, retries and ladder.

Apart from run.py, so that a run which has nothing to do imports none of it.

Usage:
    from shared.pipeline.run.execution import Execution, run_stages

    run_stages(execution, stages, report)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from shared.config import environment_warnings
from shared.core.configuration.trace_context import TraceContext
from shared.core.environment_lock import EnvironmentsInUse
from shared.core.errors import EXIT_DEPENDENCY, EXIT_FAILURE, EXIT_INTERRUPTED
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.logger import PipelineLogger, correlation_id, current_trace
from shared.pipeline.job.commit import leave_no_scratch
from shared.pipeline.job.events import Event
from shared.pipeline.job.fingerprint import stage_environment_name
from shared.pipeline.job.job import Job, output_root
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.job.record.manifest import FailedRung
from shared.pipeline.plan.budgets import SECONDS_PER_MINUTE, Work, stage_timeout
from shared.pipeline.plan.plan import FORCED, Planner
from shared.pipeline.plan.preflight import bytes_needed, check_before_run
from shared.pipeline.plan.space import reserve_space
from shared.pipeline.run.attempt import MIB, Attempt
from shared.pipeline.run.display import Display
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.logs.event_file import EventFile
from shared.pipeline.run.logs.log_rotation import LogLimits, new_run_log, put_old_logs_aside
from shared.pipeline.run.logs.whole_run import told_as_run
from shared.pipeline.run.report import RunReport
from shared.pipeline.run.result import StageResult
from shared.pipeline.run.reuse import Reuse, pass_over
from shared.pipeline.run.runner import AttemptRunner
from shared.pipeline.stage.command import profile_file

# Of what a stage tells while it works: what whoever looks back at the run wants to know.
LASTING_EVENTS = frozenset({"progress", "ready", "service"})
KNOWN_EXIT_CODES = frozenset({0, 1, 2, 3, 4, 130})


@dataclass
class Execution:
    """What one run holds in its hands."""

    job_dir: Path
    job: Job
    config: PipelineConfig
    environments: EnvironmentManager
    planner: Planner
    display: Display
    runner: AttemptRunner
    reuse: Reuse
    stop: Stop
    trace: TraceContext
    profiled: str | None = None
    in_use: EnvironmentsInUse = field(default_factory=EnvironmentsInUse)


def run_stages(run: Execution, stages: list[str], report: RunReport) -> None:
    """Check what the stages need, then run those that have to be, up to the first that fails.

    Args:
        run: What the run holds.
        stages: The selected stages, in order.
        report: Has the plan; gets the results and the exit code.

    Raises:
        PipelineError: Something that the stages need is missing.
        InterruptedRun: Somebody stopped the run; the report has the exit code then, too.
    """
    to_run, cached = (
        [step.stage for step in report.steps if step.action == action]
        for action in ("run", "cached")
    )
    needed = bytes_needed(run.job, [*to_run, *cached])
    # A film that waits for the space of others looks again and again: until then it is no run.
    with (
        reserve_space(run.job_dir, output_root(run.config), needed),
        EventFile(run.job_dir) as events,
        told_as_run(events, run.job, run.trace, report),
    ):
        elsewhere = [stage for stage in to_run if not run.runner.is_here(_environment(run, stage))]
        held = (run.job_dir, run.job, to_run, run.config, run.environments, cached)
        told = check_before_run(*held, elsewhere=elsewhere)
        for warning in told:
            run.display.noted(warning)
        try:
            _run_each(run, stages, report, events)
        finally:
            leave_no_scratch(run.job_dir)
            run.in_use.release()
        if report.untranslated and not (report.exit_code or run.config.allow_untranslated):
            report.exit_code = EXIT_DEPENDENCY


def _run_each(run: Execution, stages: list[str], report: RunReport, events: EventFile) -> None:
    needed = [stage for stage in stages if stage not in run.planner.unneeded]
    next_one = dict(zip(needed, needed[1:], strict=False))
    with _pipeline_log(run) as logger, run.runner:
        for stage in stages:
            run.stop.check_between_stages()
            step = run.planner.decide(stage)
            if passed := pass_over(run.job_dir, run.job, run.planner, stage):
                report.results.append(passed)
                events.record({"event": "end", **asdict(passed)})
                run.display.ended(passed)
            if step.action != "run":
                logger.info(f"{stage}: {step.action}, {step.reason}")
                continue
            result = run.reuse.take(stage) if step.reason != FORCED else None
            if result is None:
                logger.info(f"{stage}: starts, {step.reason}")
                run.display.started(step)
                events.record({"event": "start", "stage": stage, "reason": step.reason})
                try:
                    result = _run_stage(run, stage, next_one.get(stage), events)
                except KeyboardInterrupt:  # InterruptedRun, too
                    logger.warning(f"{stage}: interrupted")
                    events.record({"event": "interrupted", "stage": stage})
                    report.exit_code = EXIT_INTERRUPTED
                    raise
            run.planner.forget(stage)
            report.results.append(result)
            events.record({"event": "end", **asdict(result)})
            logger.info(f"{stage}: {result.status}", extra=_log_fields(result))
            run.display.ended(result)
            if stage == run.profiled and result.status != "failed":
                run.display.noted(f"Its profile: {profile_file(run.job_dir, stage)}")
            if result.status == "failed":
                code = result.exit_code
                report.exit_code = code if code in KNOWN_EXIT_CODES else EXIT_FAILURE
                break
            if not result.reused_from and (trouble := run.reuse.keep(stage)):
                logger.warning(trouble)
                run.display.noted(trouble)
        run.reuse.close()


def _run_stage(run: Execution, stage: str, following: str | None, events: EventFile) -> StageResult:

    def tell(event: Event) -> None:
        event = event | {"stage": stage}
        if event["event"] in LASTING_EVENTS:
            events.record(event)
        run.display.event(event)

    not_done = following is not None and run.planner.checkpoint(following) is None
    # Waiting for its turn is no work: the process of a profiled stage starts when it works.
    is_warmed = not_done and following != run.profiled
    next_one = _attempt(run, following) if following and is_warmed else None
    attempt = _attempt(run, stage)
    for wait in (*backoff(run.config.stage_retries, run.config.stage_retry_seconds), None):
        result = _climb_down(run, attempt, next_one, tell, events)
        if not result.is_passing or wait is None:
            break
        again = {"stage": stage, "attempt": result.attempt, "reason": result.reason}
        events.record({"event": "retry", **again, **_when(result), "wait": wait})
        run.display.retried(result, wait)
        run.stop.wait(wait)
        attempt = replace(attempt, number=result.attempt + 1)
    return result


def backoff(retries: int, first: float) -> list[float]:
    """Return the seconds to wait before each further try, doubling.

    Args:
        retries: How many further tries.
        first: The first wait.
    """
    return [first * 2**number for number in range(retries)]


def _attempt(run: Execution, stage: str) -> Attempt:
    """Return the first attempt of a stage."""
    environment = _environment(run, stage)
    if run.runner.is_here(environment):
        run.in_use.use(run.environments.folder(environment))
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
        work=Work(
            minutes=run.job.duration / SECONDS_PER_MINUTE,
            device=run.config.device,
            languages=len(run.job.target_languages),
        ),
        log_format=run.config.log_format,
        profile=profile_file(run.job_dir, stage) if stage == run.profiled else None,
        trace=run.trace,
    )


def _environment(run: Execution, stage: str) -> str:
    return stage_environment_name(stage, run.config, run.environments)


def _climb_down(
    run: Execution,
    attempt: Attempt,
    next_one: Attempt | None,
    tell: Callable[[Event], None],
    events: EventFile,
) -> StageResult:
    """Run a stage; after each failure for want of memory, again one rung lower on its ladder."""
    while True:
        result = run.runner.run(attempt, next_one, tell)
        if result.next_rung is None:
            return result
        failed = FailedRung(
            rung=result.rung,
            reason=result.reason,
            seconds=round(result.seconds, 3),
            peak_memory_mb=result.peak_memory_mb,
        )
        facts = {"stage": attempt.stage, **failed.model_dump(), **_when(result)}
        events.record({"event": "rung", **facts})
        attempt = replace(
            attempt,
            number=attempt.number + 1,
            rung=result.next_rung,
            failed_rungs=(*attempt.failed_rungs, failed),
        )


@contextmanager
def _pipeline_log(run: Execution) -> Iterator[PipelineLogger]:
    logs = run.job_dir / LOGS_DIR
    logs.mkdir(exist_ok=True)
    config = run.config
    limits = LogLimits(config.log_max_mb * MIB, config.log_max_days, config.log_backups)
    put_old_logs_aside(logs, limits)
    logger = PipelineLogger(
        "pipeline",
        log_level=config.log_level,
        log_format=config.log_format,
        log_file=new_run_log(logs),
        max_bytes=limits.size,
        backups=limits.backups,
    )
    token, trace_token = correlation_id.set(run.job.job_id), current_trace.set(run.trace)
    try:
        for warning in environment_warnings():
            logger.warning(warning)
        yield logger
    finally:
        correlation_id.reset(token)
        current_trace.reset(trace_token)
        logger.close()


def _when(result: StageResult) -> dict[str, object]:
    """Return when a failed attempt was, how long it took and which span it is."""
    return {"began": result.began, "seconds": result.seconds, "span_id": result.span_id}


def _log_fields(result: StageResult) -> dict[str, object]:
    fields: dict[str, object] = {"seconds": round(result.seconds, 3)}
    fields["peak_memory_mb"] = result.peak_memory_mb
    if result.reason:
        fields["reason"] = result.reason
    if result.warnings:
        fields["warnings"] = result.warnings
    return fields
