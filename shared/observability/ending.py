#!/usr/bin/env python3
"""
Ending: how a run ended, told to a person in lines and to a program as a line of JSON.

Usage:
    from shared.observability.ending import tell_ending, tell_failure

    code = tell_ending(report, film="film.mkv", as_json=False)
    ending = tell_failure(error, film="film.mkv", as_json=True)   # before there is a job
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.core.errors import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_SUCCESS,
    InterruptedRun,
    PipelineError,
    ToldError,
    shown,
)
from shared.observability.look_at import describe_advice, describe_doubts, look_at_data
from shared.observability.result_event import (
    Ending,
    Status,
    path_text,
    result_event,
    status_of,
)
from shared.observability.summary import describe_delivered, describe_results
from shared.pipeline.job.job import Job, load_job
from shared.pipeline.job.lock import RunningJobError
from shared.pipeline.jobs.delivery import Delivered
from shared.pipeline.jobs.doubts.table import Row, read_table, write_table
from shared.pipeline.run.command_line import tell_error
from shared.pipeline.run.report import RunReport

NOTHING_TO_LOOK_AT: Mapping[str, Any] = {"advice": [], "doubts": None}


def tell_ending(
    report: RunReport,
    target: str,
    as_json: bool,
    delivered: Sequence[Delivered] = (),
    page: Path | None = None,
) -> Ending:
    """Tell how a run ended.

    Args:
        report: What run_job returned.
        target: The film or job directory as it was given.
        as_json: Whether standard output is for JSON lines.
        delivered: What was taken out of the job.
        page: The film's page, where this run has written one.
    """
    failed = report.failed
    errors: list[PipelineError] = []
    if failed is not None:
        errors.append(PipelineError(f"{failed.stage}: {failed.reason}", hint=failed.hint))
    elif report.shortfall is not None:
        errors.append(report.shortfall)
    job_dir, has_worked = report.job_dir, bool(report.results)
    status = status_of(job_dir, report.exit_code, has_worked)
    ending = Ending(
        target, report.exit_code, status, job_dir, errors=errors, delivered=tuple(delivered)
    )
    doubts = _doubts(report) if failed is None else []
    # Once a job: when it was recognised.
    is_heard = any(result.stage == "asr" for result in report.results)
    advice = describe_advice(job_dir) if is_heard else []
    if as_json:
        _say(ending, look_at_data(job_dir, advice, doubts))
    elif failed is None:
        if not has_worked:
            sys.stdout.write(shown(f"Nothing to do, results are at {job_dir}") + "\n")
        lines = [*describe_results(job_dir), *(f"{'Model:':<12} {one}" for one in advice)]
        lines += [*describe_doubts(job_dir, doubts), *describe_delivered(delivered)]
        for line in lines:
            sys.stdout.write(shown(line) + "\n")
    if page is not None and not as_json:
        sys.stdout.write(shown(f"{'Page:':<12} {page}") + "\n")
    for error in errors:
        tell_error(error)
    if failed is not None:
        sys.stderr.write(f"Nothing is lost: run the same command on {job_dir} to go on\n")
    return ending


def tell_plan(target: str, job: Job, job_dir: Path | None, as_json: bool) -> Ending:
    """Tell a program that a dry run has shown its plan; a person has seen it.

    Args:
        target: The film or job directory as it was given.
        job: What was planned.
        job_dir: Its directory, None where it has none.
        as_json: Whether standard output is for JSON lines.
    """
    ending = Ending(target, EXIT_SUCCESS, "planned", job_dir, Path(job.media.path))
    if as_json:
        _say(ending)
    return ending


def tell_failure(
    error: ToldError, target: str, as_json: bool, job_dir: Path | None = None
) -> Ending:
    """Tell of a run that never began, to a program as well.

    Args:
        error: What went wrong; a person is told of it by its own boundary or by tell_error.
        target: The film or job directory as it was given.
        as_json: Whether standard output is for JSON lines.
        job_dir: The job, where there is one already.
    """
    status: Status = "interrupted" if isinstance(error, InterruptedRun) else "failed"
    if isinstance(error, RunningJobError):
        status, job_dir = "running", error.job_dir
    named = Path(target).expanduser().absolute() if target else None
    film = named if named is not None and named.is_file() else None
    ending = Ending(target, error.exit_code, status, job_dir, film, [error])
    if as_json:
        _say(ending)
    return ending


def tell_all(endings: Sequence[Ending], as_json: bool, not_begun: Sequence[str] = ()) -> int:
    """Tell how several runs ended; return the exit code of all of them.

    Args:
        endings: In order.
        as_json: Whether standard output is for JSON lines.
        not_begun: Films and jobs whose turn did not come, for somebody stopped the run.

    Returns:
        0 where all ended well, 130 where somebody stopped them, the code of those that did not end
        well where it is one, else 1.
    """
    code = _code_of_all({one.exit_code for one in endings})
    if as_json:
        films = [
            {
                "target": one.target,
                "job": path_text(one.job_dir),
                "status": one.status,
                "exit_code": one.exit_code,
            }
            for one in endings
        ]
        waiting = {"job": None, "status": "not begun", "exit_code": None}
        films += [{"target": name, **waiting} for name in not_begun]
        _write({"event": "summary", "exit_code": code, "runs": films})
        return code
    well = sum(one.exit_code == EXIT_SUCCESS for one in endings)
    what = "planned" if any(one.status == "planned" for one in endings) else "done"
    sys.stdout.write(f"\n{well} of {len(endings) + len(not_begun)} {what}\n")
    for one in endings:
        why = f": {one.errors[0].cause}" if one.errors else ""
        state = one.status if one.exit_code == EXIT_SUCCESS else f"exit code {one.exit_code}"
        where = one.job_dir or ""
        sys.stdout.write(shown(f"  {state:<13} {one.target}  {where}{why}".rstrip()) + "\n")
    for name in not_begun:
        sys.stdout.write(shown(f"  {'not begun':<13} {name}") + "\n")
    return code


def _doubts(report: RunReport) -> list[Row]:
    """Return what to look at; found anew where the run made something."""
    if report.results:
        # A run that had nothing to do need not wait for what reads every text.
        from shared.pipeline.jobs.doubts.queue import find_doubts

        write_table(report.job_dir, find_doubts(report.job_dir))
    return read_table(report.job_dir)


def _code_of_all(codes: set[int]) -> int:
    """Return the exit code of runs with these."""
    codes = codes - {EXIT_SUCCESS}
    if EXIT_INTERRUPTED in codes:
        return EXIT_INTERRUPTED
    return EXIT_SUCCESS if not codes else codes.pop() if len(codes) == 1 else EXIT_FAILURE


def _say(ending: Ending, to_look_at: Mapping[str, Any] = NOTHING_TO_LOOK_AT) -> None:
    """Write how a run ended as one line for a program."""
    job = None
    if ending.job_dir is not None:
        with suppress(PipelineError, OSError):  # a broken one: what is wrong with it is told
            job = load_job(ending.job_dir)
    _write({**result_event(ending, job), **to_look_at})


def _write(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
