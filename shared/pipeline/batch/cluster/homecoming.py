#!/usr/bin/env python3
"""
Homecoming: what a worker made, committed into the job at home as if the stage had run here.

Usage:
    from shared.pipeline.batch.cluster.homecoming import commit_at_home

    result = commit_at_home(attempt, ending, incoming)
"""

from __future__ import annotations

import shutil
from dataclasses import fields, replace
from pathlib import Path

from shared.core.errors import DependencyError
from shared.core.files import write_text
from shared.pipeline.batch.cluster.depot import PART
from shared.pipeline.batch.cluster.order import Ending, outputs_of
from shared.pipeline.job.commit import commit_outputs
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.run.attempt import Attempt, make_scratch, saved_edit
from shared.pipeline.run.result import StageResult
from shared.pipeline.stage.command import stage_log

KNOWN = frozenset(one.name for one in fields(StageResult))


def commit_at_home(attempt: Attempt, ending: Ending, incoming: Path) -> StageResult:
    """Commit what came in; return what became of the attempt.

    Args:
        attempt: What was given away.
        ending: How it ended there.
        incoming: What came in, each file under its verified digest.

    Raises:
        DependencyError: The worker's answer is about something else.
    """
    if not ending.result.keys() <= KNOWN or ending.result.get("stage") != attempt.stage:
        raise DependencyError("A worker's answer cannot be used", hint="Look at its version")
    result = StageResult(**ending.result)
    write_text(stage_log(attempt.job_dir, attempt.stage), ending.log)
    record = ending.record
    if result.status == "failed" or record is None:
        return result
    if record.stage != attempt.stage or record.job_id != attempt.job_id:
        raise DependencyError("A worker's record is another job's", hint="Look at that worker")
    scratch = make_scratch(attempt.job_dir, attempt.stage)
    try:
        outputs = {}
        for name, output in outputs_of(record).items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(incoming / (output.sha256 + PART), path)
            outputs[name] = OutputFile.of(path, output.sha256)
        saved = commit_outputs(
            attempt.job_dir, record.model_copy(update={"outputs": outputs}), scratch
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return replace(result, warnings=[*result.warnings, *map(saved_edit, saved)])
