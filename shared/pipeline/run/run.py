#!/usr/bin/env python3
"""
Run: a job from plan to end: lock, preflight, stages in order, events and log.

Usage:
    from shared.pipeline.run.run import run_job

    report = run_job(job_dir, "subtitle", Selection(), display)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.config import load_config
from shared.core.machine.cgroup import is_busy
from shared.core.settings import PipelineConfig
from shared.environment_manager import EnvironmentManager
from shared.glossary.files import unread_files
from shared.pipeline.cache.opening import open_cache
from shared.pipeline.job.commit import recover
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.job import (
    Changes,
    Job,
    changed,
    keep_copy,
    load_job,
    rewrite_job,
)
from shared.pipeline.job.lock import hold_job_lock
from shared.pipeline.job.places import own_what_is_written
from shared.pipeline.job.renumber import renumber
from shared.pipeline.jobs.reading_copies import renew_reading_copies
from shared.pipeline.plan.lacking import fetch_what_lacked
from shared.pipeline.plan.missing import find_missing
from shared.pipeline.plan.plan import Planner, Step
from shared.pipeline.plan.selection import Selection, selected_stages
from shared.pipeline.plan.unneeded import unneeded
from shared.pipeline.run.display import Display
from shared.pipeline.run.interrupt import Stop, stop_of_signals
from shared.pipeline.run.report import RunReport
from shared.pipeline.stage.orphans import adopt_what_stages_leave

if TYPE_CHECKING:
    from shared.pipeline.run.runner import MakeRunner

# A copy or a link: little beside any stage that runs.
FROM_CACHE_SECONDS = 0.0


def run_job(
    job_dir: Path,
    workflow: str,
    selection: Selection,
    display: Display,
    dry_run: bool = False,
    stop: Stop | None = None,
    changes: Changes | None = None,
    make_runner: MakeRunner | None = None,
) -> RunReport:
    """Run or resume a job.

    Args:
        job_dir: The job directory.
        workflow: transcribe, translate or subtitle.
        selection: Which stages, and which to run although nothing changed.
        display: Who is told.
        dry_run: Only plan.
        stop: Who may ask the run to stop; None = the signals of this process (heed_signals).
        changes: What is written into job.json first, field to value; a dry run only reckons with
            it.
        make_runner: Makes who runs the attempts; None = this process, one after another.

    Returns:
        The report; its exit_code is that of the stage that failed, 0 without one.

    Raises:
        PipelineError: When nothing could be started at all.
        InterruptedRun: Somebody asked the run to stop; it can go on where it was.
    """
    job, changes = load_job(job_dir), changes or {}
    stages = selected_stages(workflow, selection)
    if dry_run:
        new = changed(job, changes)
        config = load_config(job_dir, overrides=_other_settings(job, new))
        return plan_job(job_dir, new, config, stages, selection, display)
    config = load_config(job_dir)
    environments = EnvironmentManager()
    with hold_job_lock(job_dir, config.lock_wait_seconds) as lock:
        own_what_is_written(job_dir)
        renumber(job_dir)
        before, job = job, rewrite_job(job_dir, changes)
        if job != before:  # also where another command has changed it meanwhile
            config = load_config(job_dir)
        fingerprints = Fingerprints(job_dir, job, config, environments)
        cache = open_cache(config)
        without = unneeded(job)
        planner = Planner(job_dir, selection, fingerprints, job.job_id, cache, unneeded=without)
        recover(job_dir, job.job_id)
        keep_copy(job_dir)
        renew_reading_copies(job_dir)
        fetch_what_lacked(planner, stages, job, config)
        steps = _planned(job_dir, planner, stages, display, job, config, environments)
        planner.settle()
        report = RunReport(job_dir, steps)
        if any(step.is_to_do for step in steps):
            # A run that has nothing to do need not wait for what this brings along.
            from shared.pipeline.run.execution import Execution, run_stages
            from shared.pipeline.run.logs.whole_run import trace_of_run
            from shared.pipeline.run.reuse import Reuse

            stop = stop or _stop_of_a_command()
            runner = (make_runner or _own_runner(config))(lock, stop)
            reuse = Reuse(job_dir, job.job_id, cache, fingerprints, planner)
            held = (job_dir, job, config, environments, planner, display, runner, reuse, stop)
            execution = Execution(*held, trace_of_run(job.job_id), selection.profiled)
            run_stages(execution, stages, report)
        return report


def _stop_of_a_command() -> Stop:
    """Return the signals of this process, which does nothing else meanwhile."""
    adopt_what_stages_leave()
    return stop_of_signals()


def _own_runner(config: PipelineConfig) -> MakeRunner:
    from shared.pipeline.run.start.warm_up import WarmUp

    return lambda lock, stop: WarmUp(lock, config.warm_start and not is_busy(), stop)


def plan_job(
    job_dir: Path,
    job: Job,
    config: PipelineConfig,
    stages: list[str],
    selection: Selection,
    display: Display,
) -> RunReport:
    """Show what a run would do; nothing is written or locked, and no folder is made.

    Args:
        job_dir: The job directory; one that is not there for a job that there is not.
        job: What would run, which need not be what job.json says.
        config: The configuration of that.
        stages: The selected stages, in order.
        selection: Which of them to run although nothing changed.
        display: Who is told.

    Returns:
        What was planned, nothing of it done.

    Raises:
        InputError: Stages that were never done are left out.
    """
    environments = EnvironmentManager()
    fingerprints = Fingerprints(job_dir, job, config, environments)
    cache = open_cache(config)
    held = (job_dir, selection, fingerprints, job.job_id, cache)
    planner = Planner(*held, only_looks=True, unneeded=unneeded(job))
    steps = _planned(job_dir, planner, stages, display, job, config, environments)
    return RunReport(job_dir, steps)


def _other_settings(job: Job, new: Job) -> dict[str, Any]:
    """Return what the settings of a job are with its changes, where they are others."""
    machine = load_config().model_dump(mode="json") if job.config != new.config else {}
    return {
        key: new.config.get(key, machine[key.lower()])
        for key in [*job.config, *new.config]
        if job.config.get(key) != new.config.get(key)
    }


def _planned(
    job_dir: Path,
    planner: Planner,
    stages: list[str],
    display: Display,
    job: Job,
    config: PipelineConfig,
    environments: EnvironmentManager,
) -> list[Step]:
    """Plan the stages and show the plan."""
    planner.require_earlier_stages(stages)
    steps = planner.plan(stages)
    expected = _expected_times(steps, job, config, environments)
    display.planned(job, steps, expected, find_missing(job_dir))
    for line in unread_files(config, job.titled) if "glossary_load" in stages else ():
        display.noted(line)
    if job.media.text_track and any(one.stage == "asr" and one.action == "run" for one in steps):
        track = job.media.text_track
        display.noted(
            f"The film has its text: --subtitles {track} begins with it; nothing is heard"
        )
    return steps


def _expected_times(
    steps: list[Step], job: Job, config: PipelineConfig, environments: EnvironmentManager
) -> dict[str, float]:
    """Return the seconds that each stage with a new result is expected to take."""
    to_do = [step for step in steps if step.is_to_do]
    if not to_do:
        return {}
    # As above: only for a run that has something to do.
    from shared.pipeline.plan.pace import expected_times

    to_run = [step.stage for step in to_do if step.action == "run"]
    times = expected_times(to_run, job, config, environments)
    return {step.stage: times.get(step.stage, FROM_CACHE_SECONDS) for step in to_do}
