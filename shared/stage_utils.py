#!/usr/bin/env python3
"""
Stage utilities: StageIO, the one way in and out of a stage, and its logger.

StageIO knows where a stage reads and writes and does the bookkeeping: every input it hands out is
recorded, outputs are what lies in the stage's directory when it succeeds, configuration reads are
taken from load_config(). So the manifest of a stage is true without anyone declaring it.

    shared/pipeline/stage/  start         how the process begins
                            stage_files   paths and files, inputs as they are recorded
                            stage_events  what the orchestrator is told
                            failure       an error as exit code, cause and hint

Usage:
    from shared.stage_utils import StageIO, get_stage_logger

    stage_io = StageIO("asr")
    logger = get_stage_logger("asr", stage_io=stage_io)
    audio = stage_io.get_input_path("audio.wav", from_stage="demux")
    stage_io.write_model("segments.json", transcript)
    return stage_io.succeed(segments_count=12)
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared import config as configuration
from shared.core.environment_lock import share_own
from shared.core.errors import EXIT_SUCCESS, InputError
from shared.core.ladder import Rung
from shared.core.paths import PROJECT_ROOT
from shared.core.ran.packages import installed_in
from shared.core.ran.running import joined, what_ran
from shared.core.settings import PipelineConfig
from shared.logger import PipelineLogger, correlation_id, use_form
from shared.pipeline.job.job import load_job
from shared.pipeline.job.last_word import keep_last_word
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.job.record.change import ABSENT
from shared.pipeline.job.stray_writes import tell_stray_writes
from shared.pipeline.job.told_parameters import ToldParameters
from shared.pipeline.stage.failure import Failure
from shared.pipeline.stage.stage_events import StageEvents
from shared.pipeline.stage.stage_files import StageFiles
from shared.pipeline.stage.start import start_stage
from shared.services.calls import hear_calls


class StageIO(StageFiles):
    """Paths and files (StageFiles), progress and result of the stage that runs in this process.

    Args:
        stage_name: The stage, a name in STAGE_ORDER.
        warm: Modules to import while the stage before this one still works; those that this
            environment does not hold are left out.

    Attributes:
        stage_dir: Where this stage writes; renamed into place when the stage succeeds.
        output_base: The job directory.
        logs_dir: Where the logs of the job are.
        parameters: What the running script can read from the configuration.
    """

    def __init__(self, stage_name: str, warm: Sequence[str] = ()) -> None:
        job_dir, stage_dir, self.parameters = start_stage(stage_name, warm)
        super().__init__(stage_name, job_dir, stage_dir)
        self.logs_dir = job_dir / LOGS_DIR
        self.logger: PipelineLogger | None = None
        self._warnings: list[str] = []
        self._outages: list[str] = []
        self._missing: list[str] = []
        self._lacks: list[str] = []
        self._ran: list[Mapping[str, Any]] = []
        self._has_reported = False
        self._events = StageEvents(stage_name)
        if self._events.is_heard:
            keep_last_word(self._ended, self.fail)
            tell_stray_writes(stage_name, job_dir, self._events.wrote)
            hear_calls(self._events.called)
        try:
            share_own(PROJECT_ROOT)
            self._job = load_job(job_dir)
        except Exception as error:  # stage scripts make their StageIO before their own boundary
            sys.exit(self.fail(error))

    def ready(self) -> None:
        """Tell that the model is loaded and the work begins; progress tells it at the latest."""
        self._events.ready()

    def progress(self, done: float, total: float, unit: str = "s") -> None:
        """Tell how far the work is; cheap enough to call in a loop.

        Args:
            done: Work done, in unit.
            total: All the work, in the same unit.
            unit: 's' for seconds of media, or what is counted.
        """
        self._events.progress(done, total, unit)

    def use_rung(self, ladder: Sequence[Rung]) -> Rung:
        """Return the rung of a fallback ladder to work on, and tell that there are lower ones.

        Args:
            ladder: From build_ladder, the wanted rung first.
        """
        wanted = configuration.inherited_number(configuration.RUNG_VARIABLE) or 0
        index = min(wanted, len(ladder) - 1)
        rung = ladder[index]
        self._events.rung(index, len(ladder) - 1, rung)
        if index:
            self.warn(f"Works with {rung.label}, after failing with {ladder[0].label}")
        elif self.logger is not None:
            self.logger.info(f"Works with {rung.label}")
        return rung

    def warn(self, message: str, missing: str = "") -> None:
        """Record what is not as it should be: in the log, in the manifest and in the run's summary.

        Args:
            message: One line: what was left out or done otherwise, and why.
            missing: What a user asked for and does not get, so that the run must not count as
                done: TRANSLATION. Empty for what a film can do without.
        """
        self._warnings.append(message)
        if missing:
            self._missing.append(missing)
        if self.logger is not None:
            self.logger.warning(message)

    def degrade(self, message: str, missing: str = "") -> None:
        """Record that something asked for was not there: a result for now, no lasting one.

        It is told as a warning, never put into the cache, and the next run tries the stage again.

        Args:
            message: One line: what the film goes on without, and why.
            missing: As in warn().
        """
        self._outages.append(message)
        self.warn(message, missing)

    @property
    def is_degraded(self) -> bool:
        """Whether something asked for was not there."""
        return bool(self._outages)

    def lack(self, message: str, *packages: str) -> None:
        """Record that a lesser way was taken because this machine lacks something.

        It is told as a warning and never put into the cache. A model or file that is lacking must
        be an input of the stage (use_model(), get_project_file()): the stage runs again as soon as
        it is here.

        Args:
            message: One line: what was done instead, and why.
            packages: Of this environment, those that may be lacking: the stage runs again as well
                when one of them that is not here has come.
        """
        environment = Path(sys.prefix)
        here = installed_in(environment) if packages else {}
        absent = {name: ABSENT for name in packages if name not in here}
        self._ran.append({"packages": {environment.name: absent}})
        self._lacks.append(message)
        self.warn(message)

    def add_ran(self, ran: Mapping[str, Any]) -> None:
        """Record what another process ran for this stage as the stage's own.

        Args:
            ran: What what_ran() returned there; nothing where the process did not come to tell.
        """
        self._ran.append(ran)

    def succeed(self, **summary: Any) -> int:
        """Report success; returns exit code 0.

        Args:
            summary: Small facts for the report, for example segments_count=12.
        """
        summary = {k: round(v, 3) if isinstance(v, float) else v for k, v in summary.items()}
        if self.logger is not None:
            self.logger.info("✓ Stage completed successfully", extra=summary)
        self._report("done", summary=summary)
        return EXIT_SUCCESS

    def skip(self, reason: str) -> int:
        """Report that the stage has nothing to do; returns exit code 0.

        Args:
            reason: One line, for the plan and the report.
        """
        if self.logger is not None:
            self.logger.info(f"Skipped: {reason}")
        self._report("skipped", reason=reason)
        return EXIT_SUCCESS

    def fail(self, error: BaseException) -> int:
        """Report a failure at the stage's error boundary; returns its exit code.

        Args:
            error: A PipelineError keeps its code, cause and hint; want of memory is a resource
                that is not there; anything else is a bug or an unforeseen fault: exit code 1, with
                the traceback in the log.
        """
        failure = Failure.of(error)
        if self.logger is not None:
            failure.log(self.logger)
        self._report(
            "failed",
            reason=failure.cause,
            hint=failure.hint,
            trouble=failure.trouble,
            exit_code=failure.exit_code,
        )
        return failure.exit_code

    def _ended(self) -> None:
        """Report what was recorded, where the stage has told nothing: its exit code tells how."""
        if not self._has_reported:
            self._report("ended")

    def _report(self, status: str, **details: Any) -> None:
        self._has_reported = True
        self._events.result(
            status,
            inputs=self._inputs,
            parameters=configuration.parameters_read(),
            job_fields=self._job.parameters_read() if self._job is not None else {},
            warnings=self._warnings,
            outages=self._outages,
            missing=self._missing,
            lacks=self._lacks,
            **(self._what_ran() if status != "failed" else {}),
            **details,
        )

    def _what_ran(self) -> dict[str, Any]:
        """Return what this process and its helpers ran, and the film as it was read."""
        ran = joined([what_ran(), *self._ran])
        return {**ran, "film": self._film.record().model_dump() if self._film is not None else None}


def get_stage_logger(stage_name: str, stage_io: StageIO | None = None) -> PipelineLogger:
    """Return the logger of a stage, set up as the configuration says.

    Args:
        stage_name: A name in STAGE_ORDER.
        stage_io: Its StageIO: gives it the logger, so that results and warnings are logged.

    Note:
        A configuration that cannot be loaded is reported by the stage itself when it calls
        load_config(); the logger then works with the defaults.
    """
    settings, is_usable = PipelineConfig(), True
    try:
        settings = configuration.load_config(recorded=False)
    except (InputError, OSError):
        is_usable = False
    level = "DEBUG" if settings.debug else settings.log_level
    use_form(settings.log_format)
    logger = PipelineLogger(stage_name, log_level=level)
    if stage_io is not None:
        correlation_id.set(vars(stage_io.job)["job_id"])  # no input: read without being recorded
        stage_io.logger = logger
        if is_usable:
            told = ToldParameters(logger, settings, stage_io.parameters)
            told.begin()
            configuration.tell_reads(told.hear)
    return logger
