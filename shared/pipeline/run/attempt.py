#!/usr/bin/env python3
"""
Attempt: one attempt of one stage of one job.

It knows nothing of terminals, plans or clusters and returns a result that is data. The single run
calls it in a loop; a batch may hand it to a scheduler. There is no second runner.

Usage:
    from shared.pipeline.run.attempt import Attempt, run_attempt

    result = run_attempt(Attempt(job_dir, "asr", python, "whisperx", ...), lock, on_event)
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from shared.config import secret_values, stage_environment
from shared.core.errors import EXIT_DEPENDENCY, EXIT_FAILURE, EXIT_SUCCESS, EXIT_UNAVAILABLE
from shared.core.files import umask
from shared.core.ladder import MEMORY_SIGNALS
from shared.core.paths import SCRIPTS_DIR
from shared.core.sharing import is_sound
from shared.logger import JSON, TEXT
from shared.pipeline.job.checkpoint import Checkpoint, FailedRung, describe_outputs, now
from shared.pipeline.job.commit import SCRATCH_DIR, commit_outputs
from shared.pipeline.job.events import Event
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.run.json_output import JsonOutput
from shared.pipeline.run.process import Outcome, StageProcess
from shared.pipeline.run.watch import Limits
from shared.stage_order import STAGE_SCRIPTS, get_stage_dir

MIB = 1 << 20


@dataclass(frozen=True)
class Attempt:
    """Everything one attempt needs to know, as data."""

    job_dir: Path
    stage: str
    python: Path
    environment: str
    environment_lock: str | None
    timeout: float
    grace: float
    log_max_mb: int
    number: int = 1
    rung: int = 0
    failed_rungs: tuple[FailedRung, ...] = ()
    memory_mb: int = 0
    job_id: str = ""
    stall: float = 0.0
    log_format: str = TEXT


@dataclass(frozen=True)
class StageResult:
    """What became of one attempt."""

    stage: str
    status: Literal["done", "skipped", "failed"]
    exit_code: int
    reason: str = ""
    hint: str = ""
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    rung: str = ""
    next_rung: int | None = None
    reused_from: str = ""
    is_passing: bool = False
    attempt: int = 1
    warnings: list[str] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)


def run_attempt(
    attempt: Attempt, lock_descriptor: int, on_event: Callable[[Event], None]
) -> StageResult:
    """Run a stage in a scratch directory and, if it succeeds, commit what it wrote.

    Args:
        attempt: What to run and within which limits.
        lock_descriptor: The job lock, inherited by the stage.
        on_event: Called with each event of the stage.

    Returns:
        The result; a failure leaves the job as it was, but for the stage's log.
    """
    with WarmAttempt(attempt, lock_descriptor) as warm:
        return warm.run(on_event)


class WarmAttempt:
    """An attempt whose process is there and imports its libraries, but waits with its work.

    Args:
        attempt: What to run and within which limits.
        lock_descriptor: The job lock, inherited by the stage.
    """

    def __init__(self, attempt: Attempt, lock_descriptor: int) -> None:
        self.attempt = attempt
        self._scratch = make_scratch(attempt.job_dir, attempt.stage)
        try:
            self._process = StageProcess(
                [str(attempt.python), str(SCRIPTS_DIR / STAGE_SCRIPTS[attempt.stage])],
                lambda descriptors: stage_environment(
                    attempt.job_dir,
                    self._scratch,
                    descriptors,
                    attempt.rung,
                    attempt.memory_mb,
                    attempt.job_id,
                ),
                log=stage_log(attempt.job_dir, attempt.stage),
                log_cap=attempt.log_max_mb * MIB,
                lock_descriptor=lock_descriptor,
                grace=attempt.grace,
                secrets=secret_values(),
                form=(
                    JsonOutput(attempt.stage, attempt.job_id)
                    if attempt.log_format == JSON
                    else None
                ),
            )
        except BaseException:
            self._discard_scratch()
            raise

    def __enter__(self) -> WarmAttempt:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.end()
        self._discard_scratch()

    def run(self, on_event: Callable[[Event], None]) -> StageResult:
        """Let the stage work and, if it succeeds, commit what it wrote.

        Args:
            on_event: Called with each event of the stage.
        """
        self._process.go()
        limits = Limits(self.attempt.timeout, self.attempt.stall, self.attempt.memory_mb)
        outcome = self._process.wait(limits, on_event)
        self._process.end()
        result = _judge(self.attempt, outcome)
        if result.status != "failed":
            saved = _commit(self.attempt, outcome, result, self._scratch)
            result = replace(result, warnings=[*result.warnings, *map(saved_edit, saved)])
        return result

    def _discard_scratch(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)


def make_scratch(job_dir: Path, stage: str) -> Path:
    """Return a new empty directory in which a stage writes.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER.
    """
    root = job_dir / SCRATCH_DIR
    root.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{stage}.", dir=root))
    scratch.chmod(0o777 & ~umask())
    return scratch


def stage_log(job_dir: Path, stage: str) -> Path:
    """Return the log file of a stage.

    Args:
        job_dir: The job directory.
        stage: A name in STAGE_ORDER.
    """
    return job_dir / LOGS_DIR / f"{get_stage_dir(stage)}.log"


def saved_edit(path: Path) -> str:
    """Return the warning that a file which was not as its stage wrote it was replaced.

    Args:
        path: Where that file is now.
    """
    if is_sound(path):
        return f"Not as it was written and made anew: the damaged file is now {path}"
    return f"Edited by hand and made anew: the edited file is now {path}"


def _judge(attempt: Attempt, outcome: Outcome) -> StageResult:
    """Turn how the process ended into a result; a stage without a last word has failed."""
    said = outcome.result or {}
    log = stage_log(attempt.job_dir, attempt.stage)
    status: Literal["done", "skipped", "failed"] = "failed"
    code, reason, hint = outcome.exit_code, said.get("reason", ""), said.get("hint", "")
    if outcome.excess:
        code, reason, hint = _exceeded(attempt, outcome)
    elif code == EXIT_SUCCESS and said.get("status") in {"done", "skipped"}:
        status = said["status"]
    elif code == EXIT_SUCCESS:
        code, reason = EXIT_FAILURE, "ended without a result"
    elif code < 0:
        reason, code = f"was killed by signal {-code}", EXIT_FAILURE
        if -outcome.exit_code in MEMORY_SIGNALS:
            hint = f"Signal {-outcome.exit_code} often means that memory ran out; read {log}"
    elif not reason:
        reason = f"ended with exit code {code} without saying why"
    return StageResult(
        stage=attempt.stage,
        status=status,
        exit_code=code,
        reason=reason,
        hint=hint or (f"Read {log}" if status == "failed" else ""),
        seconds=outcome.seconds,
        peak_memory_mb=outcome.peak_memory_mb,
        rung=outcome.rung["label"] if outcome.rung else "",
        next_rung=_next_rung(outcome) if status == "failed" else None,
        is_passing=status == "failed" and _is_passing(outcome),
        attempt=attempt.number,
        warnings=said.get("warnings", []),
        summary=said.get("summary", {}),
    )


def _exceeded(attempt: Attempt, outcome: Outcome) -> tuple[int, str, str]:
    """Return exit code, reason and hint of a stage that was stopped at one of its limits."""
    if outcome.excess == "stall":
        told = f"made no progress for {attempt.stall:.0f} s and was stopped"
        return EXIT_FAILURE, told, "Raise STAGE_STALL_SECONDS, or set it to 0"
    if outcome.excess == "memory":
        told = f"took {outcome.peak_memory_mb:.0f} MiB of the {attempt.memory_mb} MiB it may take"
        return EXIT_UNAVAILABLE, told, "Raise STAGE_MEMORY_MB, or choose a smaller model"
    told = f"took longer than {attempt.timeout:.0f} s and was stopped"
    return EXIT_FAILURE, told, "Raise STAGE_TIMEOUT_FACTOR or STAGE_TIMEOUT_MINIMUM"


def _is_passing(outcome: Outcome) -> bool:
    """Return whether a failure may be gone the next time: a service, a stall, a stray signal.

    A signal that means want of memory is the ladder's, where the stage has one: below its last
    rung there is nothing to try.
    """
    if outcome.excess:
        return outcome.excess == "stall"
    if outcome.exit_code < 0:
        return outcome.rung is None or -outcome.exit_code not in MEMORY_SIGNALS
    return outcome.exit_code == EXIT_DEPENDENCY


def _next_rung(outcome: Outcome) -> int | None:
    """Return the rung of the fallback ladder to try after a failure, None where none would help."""
    rung = outcome.rung
    if rung is None or outcome.excess in {"time", "stall"} or rung["index"] >= rung["last"]:
        return None
    trouble = (outcome.result or {}).get("trouble")
    if trouble == "device":
        return int(rung["last"])
    if "memory" in {trouble, outcome.excess} or -outcome.exit_code in MEMORY_SIGNALS:
        return int(rung["index"]) + 1
    return None


def _commit(attempt: Attempt, outcome: Outcome, result: StageResult, scratch: Path) -> list[Path]:
    """Put outputs in place with their record; return where replaced edits went."""
    said = outcome.result or {}
    outputs = describe_outputs(scratch) if result.status == "done" else {}
    checkpoint = Checkpoint(
        stage=attempt.stage,
        job_id=attempt.job_id,
        status="done" if result.status == "done" else "skipped",
        reason=result.reason,
        attempt=attempt.number,
        finished_at=now(),
        seconds=round(result.seconds, 3),
        peak_memory_mb=result.peak_memory_mb,
        environment=attempt.environment,
        environment_lock=attempt.environment_lock,
        inputs=said.get("inputs", {}),
        parameters=said.get("parameters", {}),
        job_fields=said.get("job_fields", {}),
        code=said.get("code", {}),
        outputs=outputs,
        rungs=list(attempt.failed_rungs),
        warnings=result.warnings,
        summary=result.summary,
    )
    return commit_outputs(attempt.job_dir, checkpoint, scratch)
