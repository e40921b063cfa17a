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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from shared.config import SECRET_NAMES, secret_values, stage_environment
from shared.core.configuration.trace_context import TraceContext
from shared.core.configuration.variables import PREFIX
from shared.core.errors import EXIT_FAILURE
from shared.core.files import new_folder
from shared.core.sharing import is_sound
from shared.logger import JSON, TEXT, PipelineLogger
from shared.pipeline.job.checkpoint import CheckpointManager, now
from shared.pipeline.job.commit import SCRATCH_DIR, commit_outputs
from shared.pipeline.job.events import Event
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.job.record.manifest import Checkpoint, FailedRung
from shared.pipeline.job.stage_state import State
from shared.pipeline.plan.budgets import Work, over_budget, spoken_words
from shared.pipeline.run.interrupt import Stop
from shared.pipeline.run.logs.json_output import JsonOutput
from shared.pipeline.run.logs.patient_file import PatientFile
from shared.pipeline.run.logs.stage_log import StageLog
from shared.pipeline.run.outcome import Outcome
from shared.pipeline.run.process import StageProcess
from shared.pipeline.run.result import StageResult, judge
from shared.pipeline.run.start.started import LostStartError, Start, execute
from shared.pipeline.run.strays import Found, Strays, files_kept, places_told
from shared.pipeline.run.watch import Limits
from shared.pipeline.stage.command import script_arguments, stage_log
from shared.stage_order import get_stage_dir

MIB = 1 << 20
SECRET_VARIABLES = frozenset(PREFIX + name for name in SECRET_NAMES)


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
    work: Work = Work()
    log_format: str = TEXT
    profile: Path | None = None
    variables: tuple[tuple[str, str], ...] = ()
    trace: TraceContext | None = None

    @property
    def span(self) -> TraceContext | None:
        """Its own span in the trace of its run, None without one."""
        return self.trace and self.trace.child(f"{self.stage} {self.number}")


def run_attempt(
    attempt: Attempt,
    lock_descriptor: int,
    on_event: Callable[[Event], None],
    stop: Stop | None = None,
    start: Start = execute,
) -> StageResult:
    """Run a stage in a scratch directory and, if it succeeds, commit what it wrote.

    Args:
        attempt: What to run and within which limits.
        lock_descriptor: The job lock, inherited by the stage.
        on_event: Called with each event of the stage.
        stop: Who may ask the run to stop; None = the signals of this process.
        start: How its process is started.

    Returns:
        The result; a failure leaves the job as it was, but for the stage's log.
    """
    with WarmAttempt(attempt, lock_descriptor, stop, start) as warm:
        return warm.run(on_event)


class WarmAttempt:
    """An attempt whose process is there and imports its libraries, but waits with its work.

    Args:
        attempt: What to run and within which limits.
        lock_descriptor: The job lock, inherited by the stage.
        stop: Who may ask the run to stop; None = the signals of this process.
        start: How its process is started.
    """

    def __init__(
        self,
        attempt: Attempt,
        lock_descriptor: int,
        stop: Stop | None = None,
        start: Start = execute,
    ) -> None:
        self.attempt = attempt
        self._scratch = make_scratch(attempt.job_dir, attempt.stage)
        self._strays: Strays | None = None
        try:
            try:
                self._process = self._started(lock_descriptor, stop, start)
            except LostStartError:
                self._process = self._started(lock_descriptor, stop, execute)
        except BaseException:
            self._discard_scratch()
            raise

    def _started(self, lock_descriptor: int, stop: Stop | None, start: Start) -> StageProcess:
        attempt = self.attempt
        given = [value for name, value in attempt.variables if name in SECRET_VARIABLES]
        secrets = [*secret_values(), *given]
        return StageProcess(
            [str(attempt.python), *script_arguments(attempt.stage, attempt.profile)],
            lambda descriptors: stage_environment(
                attempt.job_dir,
                self._scratch,
                descriptors,
                attempt.rung,
                attempt.job_id,
                attempt.span.traceparent if attempt.span else "",
            )
            | dict(attempt.variables),
            log=_open_log(attempt, secrets),
            lock_descriptor=lock_descriptor,
            grace=attempt.grace,
            secrets=secrets,
            stop=stop,
            start=start,
        )

    @property
    def limits(self) -> Limits:
        """What the stage may take."""
        return Limits(self.attempt.timeout, self.attempt.stall, self.attempt.memory_mb)

    def __enter__(self) -> WarmAttempt:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.end()
        if self._strays is not None:
            self._strays.discard(places_told(self._process.events))
        self._discard_scratch()

    def run(self, on_event: Callable[[Event], None]) -> StageResult:
        """Let the stage work and, if it succeeds, commit what it wrote.

        Args:
            on_event: Called with each event of the stage.

        Returns:
            What became of the attempt; a failure leaves the job as it was.
        """
        self._strays = Strays(self.attempt.job_dir, self.attempt.stage)
        self._process.go()
        outcome = self._process.wait(self.limits, on_event)
        self._process.end()
        log = stage_log(self.attempt.job_dir, self.attempt.stage)
        result = judge(self.attempt.stage, self.attempt.number, self.limits, outcome, log)
        if self.attempt.span:
            result = replace(result, span_id=self.attempt.span.span_id)
        state = CheckpointManager(self.attempt.job_dir).take_pending_state(self.attempt.stage)
        if result.status == "failed":
            return result
        found = self._strays.collect(places_told(outcome.events), self._scratch)
        result = _with_strays(self.attempt, outcome, result, found)
        if result.status != "failed":
            over = _tell_over_budget(self.attempt, result, outcome.is_measured)
            saved = _commit(self.attempt, outcome, result, found, self._scratch, over, state)
            self._strays = None
            told = [*result.warnings, *over, *map(saved_edit, saved)]
            result = replace(result, warnings=told)
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
    return new_folder(root, f"{stage}.")


def _open_log(attempt: Attempt, secrets: Sequence[str]) -> StageLog:
    is_json = attempt.log_format == JSON
    form = JsonOutput(attempt.stage, attempt.job_id, attempt.span) if is_json else None
    log = stage_log(attempt.job_dir, attempt.stage)
    return StageLog(log, attempt.log_max_mb * MIB, secrets, form)


def _tell_over_budget(attempt: Attempt, result: StageResult, is_measured: bool) -> list[str]:
    """Return in what a stage went over its budget; it stands in its log, too."""
    work = replace(attempt.work, words=spoken_words(attempt.job_dir))
    peak = result.peak_memory_mb if is_measured else 0.0
    over = over_budget(attempt.stage, result.seconds, peak, work)
    if over:
        log = stage_log(attempt.job_dir, attempt.stage)
        logger = PipelineLogger(attempt.stage, log_format=attempt.log_format, log_file=log)
        for told in over:
            logger.warning(f"Stage {attempt.stage} {told}")
        logger.close()
    return over


def saved_edit(path: Path) -> str:
    """Return the warning that a file which was not as its stage wrote it was replaced.

    Args:
        path: Where that file is now.
    """
    if is_sound(path):
        return f"Not as it was written and made anew: the damaged file is now {path}"
    return f"Edited by hand and made anew: the edited file is now {path}"


def _with_strays(
    attempt: Attempt, outcome: Outcome, result: StageResult, found: Found
) -> StageResult:
    """Tell what was found in the job directory: moved, in the way, or perhaps lost."""
    if found.refused:
        return replace(
            result,
            status="failed",
            exit_code=EXIT_FAILURE,
            reason=f"wrote into the job directory: {found.refused}",
            hint="Write to stage_io.get_output_path(name)",
        )
    if found.moved:
        own = get_stage_dir(attempt.stage)
        log = PatientFile(stage_log(attempt.job_dir, attempt.stage))
        for name in found.moved:
            log.write(f"[{name} was written into the job: now {own}/{name}]\n".encode())
        log.close()
    told = [f"{n} appeared in the job and is no output of {attempt.stage}" for n in found.unplaced]
    kept = [f"Lay where the stage writes: now {path}" for path in files_kept(outcome.events)]
    return replace(result, warnings=[*result.warnings, *told, *kept])


def _commit(
    attempt: Attempt,
    outcome: Outcome,
    result: StageResult,
    found: Found,
    scratch: Path,
    over_budget: list[str],
    state: State | None,
) -> list[Path]:
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
        cpu_seconds=result.cpu_seconds,
        environment=attempt.environment,
        environment_lock=attempt.environment_lock,
        inputs=said.get("inputs", {}),
        parameters=said.get("parameters", {}),
        job_fields=said.get("job_fields", {}),
        code=said.get("code", {}),
        packages=said.get("packages", {}),
        drifted=result.drifted,
        programs=said.get("programs", {}),
        film=said.get("film"),
        outputs=outputs,
        rungs=list(attempt.failed_rungs),
        is_told=bool(said),
        unplaced=found.unplaced,
        warnings=result.warnings,
        over_budget=over_budget,
        outages=result.outages,
        missing=result.missing,
        lacks=said.get("lacks", []),
        summary=result.summary,
        state=state,
    )
    return commit_outputs(attempt.job_dir, checkpoint, scratch)
