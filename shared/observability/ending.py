#!/usr/bin/env python3
"""
Ending: how a run ended, told to a person in lines and to a program as a line of JSON.

Usage:
    from shared.observability.ending import Ending, tell_ending, tell_failure

    code = tell_ending(report, film="film.mkv", as_json=False)
    ending = tell_failure(error, film="film.mkv", as_json=True)   # before there is a job
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shared.config import secret_values
from shared.core.errors import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_SUCCESS,
    PipelineError,
    ToldError,
    shown,
)
from shared.core.redact import Redactor
from shared.observability.summary import describe_delivered, describe_results
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.jobs.delivery import Delivered
from shared.pipeline.plan.missing import find_missing
from shared.pipeline.run.command_line import tell_error
from shared.pipeline.run.report import RunReport
from shared.stage_order import STAGE_ORDER


@dataclass(frozen=True)
class Ending:
    """How the run of one film or job ended.

    Attributes:
        target: The film or job directory as it was given; "" where none was.
        exit_code: Of the run.
        job_dir: The job; None where there is none.
        errors: What kept it from its end, or from all of its work.
    """

    target: str
    exit_code: int
    job_dir: Path | None = None
    errors: Sequence[ToldError] = field(default_factory=tuple)


def tell_ending(
    report: RunReport, target: str, as_json: bool, delivered: Sequence[Delivered] = ()
) -> Ending:
    """Tell how a run ended.

    Args:
        report: What run_job returned.
        target: The film or job directory as it was given.
        as_json: Whether standard output is for JSON lines.
        delivered: What was taken out of the job.
    """
    failed, lacking = report.failed, report.untranslated
    errors: list[PipelineError] = []
    if failed is not None:
        errors.append(PipelineError(f"{failed.stage}: {failed.reason}", hint=failed.hint))
    elif lacking is not None and report.exit_code:
        hint = "Run the same command again when it is back; ALLOW_UNTRANSLATED=true is content"
        told = f"{lacking.stage}: {'; '.join(lacking.outages)}"
        errors.append(PipelineError(told, hint=hint))
    ending = Ending(target, report.exit_code, report.job_dir, errors)
    if as_json:
        _say(_event(ending, delivered))
    elif failed is None:
        for line in [*describe_results(report.job_dir), *describe_delivered(delivered)]:
            sys.stdout.write(shown(line) + "\n")
    for error in errors:
        tell_error(error)
    if failed is not None:
        sys.stderr.write(f"Nothing is lost: run the same command on {report.job_dir} to go on\n")
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
    ending = Ending(target, error.exit_code, job_dir, [error])
    if as_json:
        _say(_event(ending))
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
            {"target": one.target, "job_dir": _path(one.job_dir), "exit_code": one.exit_code}
            for one in endings
        ]
        films += [{"target": one, "job_dir": None, "exit_code": None} for one in not_begun]
        _say({"event": "summary", "exit_code": code, "runs": films})
        return code
    well = sum(one.exit_code == EXIT_SUCCESS for one in endings)
    sys.stdout.write(f"\n{well} of {len(endings) + len(not_begun)} done\n")
    for one in endings:
        why = f": {one.errors[0].cause}" if one.errors else ""
        state = "done" if one.exit_code == EXIT_SUCCESS else f"exit code {one.exit_code}"
        where = one.job_dir or ""
        sys.stdout.write(shown(f"  {state:<12} {one.target}  {where}{why}".rstrip()) + "\n")
    for name in not_begun:
        sys.stdout.write(shown(f"  {'not begun':<12} {name}") + "\n")
    return code


def _code_of_all(codes: set[int]) -> int:
    """Return the exit code of runs with these."""
    codes = codes - {EXIT_SUCCESS}
    if EXIT_INTERRUPTED in codes:
        return EXIT_INTERRUPTED
    return EXIT_SUCCESS if not codes else codes.pop() if len(codes) == 1 else EXIT_FAILURE


def _event(ending: Ending, delivered: Sequence[Delivered] = ()) -> dict[str, Any]:
    """Return the last event of a run: whose results, where they are, what they lack."""
    # Only a program's run waits for it.
    from shared.pipeline.jobs.results import results

    job_dir = ending.job_dir
    hide = Redactor(secret_values()).text
    event: dict[str, Any] = {
        "event": "results",
        "target": ending.target,
        "job_dir": _path(job_dir),
        "exit_code": ending.exit_code,
        "errors": [{"cause": hide(one.cause), "hint": hide(one.hint)} for one in ending.errors],
        "warnings": [],
        "files": [],
        "missing": None,
        "delivered": [str(one.path) for one in delivered],
    }
    if job_dir is not None:
        event["warnings"] = _warnings(job_dir)
        event["files"] = [
            {"stage": one.stage, "path": str(one.path)}
            for one in results(job_dir)
            if one.state != "lost"
        ]
        event["missing"] = asdict(find_missing(job_dir))
    return event


def _warnings(job_dir: Path) -> list[dict[str, str]]:
    """Return what the stages of a job warned of."""
    checkpoints = CheckpointManager(job_dir, only_looks=True)
    records = {stage: checkpoints.load_record(stage) for stage in STAGE_ORDER}
    return [
        {"stage": stage, "text": text}
        for stage, record in records.items()
        if record is not None
        for text in [*record.warnings, *record.over_budget]
    ]


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _say(event: dict[str, Any]) -> None:
    """Write one line for a program."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
