#!/usr/bin/env python3
"""
Stage utilities: StageIO, the one way in and out of a stage, and its logger.

StageIO knows where a stage reads and writes and does the bookkeeping: every input it hands out is
recorded, outputs are what lies in the stage's directory when it succeeds, configuration reads are
taken from load_config(). So the manifest of a stage is true without anyone declaring it.

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
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared import config as configuration
from shared.core.configuration.stage_parameters import parameters_in
from shared.core.configuration.variables import variable
from shared.core.environment_lock import share_own
from shared.core.errors import (
    EXIT_FAILURE,
    EXIT_SUCCESS,
    EXIT_UNAVAILABLE,
    InputError,
    PipelineError,
    unusable_machine,
)
from shared.core.files import sha256_of, write_text
from shared.core.identity import (
    MEDIA_MARK,
    MODEL_MARK,
    media_identity,
    model_identity,
    recorded_name,
)
from shared.core.ladder import Rung, trouble_of
from shared.core.machine.memory import lift_memory_limit, limit_memory
from shared.core.paths import PROJECT_ROOT
from shared.core.ran.running import joined, watch, what_ran
from shared.core.settings import PipelineConfig
from shared.logger import PipelineLogger, correlation_id, use_form
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.events import EventWriter
from shared.pipeline.job.job import Job, load_job
from shared.pipeline.job.last_word import keep_last_word
from shared.pipeline.job.lifeline import die_with_the_orchestrator
from shared.pipeline.job.output_file import OutputFile
from shared.pipeline.job.places import LOGS_DIR
from shared.pipeline.job.record.film import FilmReading
from shared.pipeline.job.stray_writes import WROTE, tell_stray_writes
from shared.pipeline.job.told_parameters import ToldParameters
from shared.pipeline.job.warm import wait_for_start
from shared.stage_order import STAGE_ORDER, get_previous_stage, get_stage_dir

Model = TypeVar("Model", bound=BaseModel)
PROGRESS_INTERVAL = 0.25
MEMORY_HINT = "Free memory, raise STAGE_MEMORY_MB if it is set, or take a smaller model"


class StageIO:
    """Paths, files, progress and result of the stage that runs in this process.

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
        limit_memory(configuration.inherited_number(configuration.MEMORY_VARIABLE) or 0)
        die_with_the_orchestrator(
            configuration.inherited_number(configuration.LIFELINE_FD_VARIABLE), _end_others
        )
        # While it waits for its start, not afterwards.
        self.parameters = parameters_in(
            Path(getattr(sys.modules["__main__"], "__file__", None) or "")
        )
        self.stage = stage_name
        self.output_base, self.stage_dir = _location(stage_name)
        watch(since=self.stage_dir.stat().st_mtime)  # it was made just before this process
        wait_for_start(configuration.inherited_number(configuration.START_FD_VARIABLE), warm)
        self.logs_dir = self.output_base / LOGS_DIR
        self._inputs: dict[str, str | None] = {}
        self._warnings: list[str] = []
        self._outages: list[str] = []
        self._missing: list[str] = []
        self._lacks: list[str] = []
        self._ran: list[Mapping[str, Any]] = []
        self._film: FilmReading | None = None
        self._events = EventWriter(configuration.inherited_number(configuration.EVENTS_FD_VARIABLE))
        self._progress_told = 0.0
        self._is_ready = self._has_reported = False
        self.logger: PipelineLogger | None = None
        self._job: Job | None = None
        if configuration.inherited_number(configuration.EVENTS_FD_VARIABLE) is not None:
            keep_last_word(self._ended, self.fail)
            tell_stray_writes(stage_name, self.output_base, self._wrote)
        try:
            share_own(PROJECT_ROOT)
            self._job = load_job(self.output_base)
        except Exception as error:  # stage scripts make their StageIO before their own boundary
            sys.exit(self.fail(error))

    @property
    def job(self) -> Job:
        """What was prepared (job.json)."""
        assert self._job is not None
        return self._job

    def get_input_path(self, filename: str, from_stage: str | None = None) -> Path:
        """Return the path of a file that an earlier stage wrote, and record it as an input.

        Args:
            filename: A plain file name.
            from_stage: The stage that wrote it; None = the stage before this one. Before the first
                one there is the film, by its file name, and the job directory.

        Returns:
            The path; the file need not exist (a skipped stage wrote none).

        Raises:
            InputError: When the name leaves the job directory.
        """
        source = from_stage or get_previous_stage(self.stage)
        if source is None and filename == Path(self.job.media.path).name:
            return self.get_media_path()
        folder = get_stage_dir(source) if source is not None else ""
        path = self.output_base / folder / filename
        self._refuse_outside(path, self.output_base, "the job directory")
        self._record_input(path)
        return path

    def get_first_input(self, *candidates: tuple[str, str]) -> Path:
        """Return the first existing file of several (stage, file name) pairs, nearest first.

        Args:
            candidates: For example ("source_separation", "vocals.wav"), ("demux", "audio.wav").

        Raises:
            InputError: When none of them exists.
        """
        for stage, filename in candidates:
            path = self.get_input_path(filename, from_stage=stage)
            if path.exists():
                return path
        wanted = " or ".join(f"{get_stage_dir(stage)}/{name}" for stage, name in candidates)
        raise InputError(
            f"No input for {self.stage}: {wanted} is missing",
            hint=f"./run-pipeline.sh {self.job.workflow} '{self.output_base}'",
        )

    def get_project_file(self, path: Path) -> Path:
        """Record a file outside the job, for example a glossary, as an input, and return it.

        Args:
            path: The file; a path inside the project is recorded relative to it.
        """
        self._record_input(path)
        return path

    def get_media_path(self) -> Path:
        """Return the path of the film and record it as an input, by size and sampled content.

        Raises:
            InputError: When the film is not there any more.
        """
        path = Path(self.job.media.path)
        if not path.is_file():
            raise InputError(
                f"The film is not there any more: {path}",
                hint="Put it back, or prepare the job again with its new place",
            )
        if self._film is None:
            self._inputs[MEDIA_MARK + str(path)] = media_identity(path)
            self._film = FilmReading(path, self._known_film())
        return path

    def _known_film(self) -> OutputFile | None:
        """Return the film as the first stage of the job read it, None where none has yet."""
        checkpoints = CheckpointManager(self.output_base, only_looks=True)
        record = checkpoints.load_record(STAGE_ORDER[0])
        return record.film if record is not None else None

    def use_model(self, engine: str, name: str, path: Path | None) -> None:
        """Record a model as an input, by its sizes and sampled content.

        Args:
            engine: Its engine, as in the model store.
            name: Its name there.
            path: Where it lies; None for a wanted one that is not here: the stage runs again when
                it is.
        """
        self._inputs[f"{MODEL_MARK}{engine}/{name}"] = model_identity(path)

    def get_output_path(self, filename: str) -> Path:
        """Return where this stage writes a file.

        Args:
            filename: A plain file name.

        Raises:
            InputError: When the name leaves the stage's directory.
        """
        path = self.stage_dir / filename
        self._refuse_outside(path, self.stage_dir, "the stage's directory")
        return path

    def get_earlier_output(self, filename: str) -> Path:
        """Return where the last run of this stage left a file; it is no input of this run.

        For what need not be found again, and says itself what it was found in.

        Args:
            filename: A plain file name; the file need not exist.

        Raises:
            InputError: When the name leaves the stage's directory.
        """
        folder = self.output_base / get_stage_dir(self.stage)
        self._refuse_outside(folder / filename, folder, "the stage's directory")
        return folder / filename

    def read_model(self, path: Path, model: type[Model]) -> Model:
        """Read and validate a stage file.

        Args:
            path: What get_input_path returned.
            model: The Pydantic model of that file.

        Raises:
            InputError: When the file is missing or does not fit the model.
        """
        try:
            return model.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise InputError(
                f"Input file not found: {path}",
                hint=f"./run-pipeline.sh {self.job.workflow} '{self.output_base}'",
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "top"
            raise InputError(
                f"{path}: {where}: {first['msg']}",
                hint=f"Mend it, or make it again with --force {path.parent.name[3:]}",
            ) from error

    def write_model(self, filename: str, data: BaseModel) -> Path:
        """Write a stage file, validated once more as its reader will see it.

        Args:
            filename: A plain file name.
            data: The model; changed since it was made, it must still be valid.

        Returns:
            Where it was written.
        """
        text = data.model_dump_json(indent=2)
        type(data).model_validate_json(text)
        path = self.get_output_path(filename)
        write_text(path, text + "\n")
        return path

    def ready(self) -> None:
        """Tell that the model is loaded and the work begins; progress tells it at the latest."""
        if not self._is_ready:
            self._is_ready = True
            self._events.write("ready", stage=self.stage)

    def progress(self, done: float, total: float, unit: str = "s") -> None:
        """Tell how far the work is; cheap enough to call in a loop.

        Args:
            done: Work done, in unit.
            total: All the work, in the same unit.
            unit: 's' for seconds of media, or what is counted.
        """
        self.ready()
        now = time.monotonic()
        if now - self._progress_told >= PROGRESS_INTERVAL or done >= total:
            self._progress_told = now
            self._events.write("progress", stage=self.stage, done=done, total=total, unit=unit)

    def use_rung(self, ladder: Sequence[Rung]) -> Rung:
        """Return the rung of a fallback ladder to work on, and tell that there are lower ones.

        Args:
            ladder: From build_ladder, the wanted rung first.
        """
        wanted = configuration.inherited_number(configuration.RUNG_VARIABLE) or 0
        index = min(wanted, len(ladder) - 1)
        rung = ladder[index]
        self._events.write(
            "rung", stage=self.stage, index=index, last=len(ladder) - 1, label=rung.label
        )
        if index:
            self.warn(f"Works with {rung.label}, after failing with {ladder[0].label}")
        elif self.logger is not None:
            self.logger.info(f"Works with {rung.label}")
        return rung

    def warn(self, message: str) -> None:
        """Record what is not as it should be: in the log, in the manifest and in the run's summary.

        Args:
            message: One line: what was left out or done otherwise, and why.
        """
        self._warnings.append(message)
        if self.logger is not None:
            self.logger.warning(message)

    def degrade(self, message: str, missing: str = "") -> None:
        """Record that something asked for was not there: a result for now, no lasting one.

        It is told as a warning, never put into the cache, and the next run tries the stage again.

        Args:
            message: One line: what the film goes on without, and why.
            missing: What a user asked for and does not get, so that the run must not count as
                done: TRANSLATION. Empty for what a film can do without.
        """
        self._outages.append(message)
        if missing:
            self._missing.append(missing)
        self.warn(message)

    @property
    def is_degraded(self) -> bool:
        """Whether something asked for was not there."""
        return bool(self._outages)

    def lack(self, message: str) -> None:
        """Record that a lesser way was taken because this machine lacks something.

        It is told as a warning and never put into the cache. What is lacking must be an input of
        the stage (use_model(), get_project_file()): the stage runs again as soon as it is here.

        Args:
            message: One line: what was done instead, and why.
        """
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
        lift_memory_limit()  # the report must not fail for want of the same memory
        trouble = trouble_of(error)
        told = error if isinstance(error, PipelineError) else unusable_machine(error)
        if told is not None:
            code, cause, hint = told.exit_code, told.cause, told.hint
        else:
            code, hint = EXIT_FAILURE, ""
            cause = f"{type(error).__name__}: {' '.join(str(error).split())}"
            if trouble == "memory":
                code, hint = EXIT_UNAVAILABLE, MEMORY_HINT
                cause = f"Memory ran out: {cause}"
        if self.logger is not None:
            self.logger.error(f"✗ Stage failed: {cause}")
            if hint:
                self.logger.error(f"  Hint: {hint}")
            if told is None or self.logger.isEnabledFor(10):
                trace = "".join(traceback.format_exception(error))
                self.logger.error(f"Traceback: {trace}")
        self._report("failed", reason=cause, hint=hint, trouble=trouble, exit_code=code)
        return code

    def _ended(self) -> None:
        """Report what was recorded, where the stage has told nothing: its exit code tells how."""
        if not self._has_reported:
            self._report("ended")

    def _wrote(self, path: str, kept: str) -> None:
        self._events.write(WROTE, stage=self.stage, path=path, kept=kept)

    def _record_input(self, path: Path) -> None:
        name = recorded_name(path, self.output_base)
        self._inputs[name] = sha256_of(path) if path.is_file() else None

    @staticmethod
    def _refuse_outside(path: Path, base: Path, name: str) -> None:
        if base.resolve() not in path.resolve().parents:
            raise InputError(f"{path} leads out of {name}", hint="Use files, not links, inside it")

    def _report(self, status: str, **details: Any) -> None:
        self._has_reported = True
        self._events.write(
            "result",
            stage=self.stage,
            status=status,
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


def _end_others() -> None:
    """Kill what this stage started and what left its group: nobody else will."""
    from shared.pipeline.stage.tree import end_what_is_left  # psutil: only where it is needed

    end_what_is_left(variable(configuration.SCRATCH_VARIABLE))


def _location(stage: str) -> tuple[Path, Path]:
    """Return job and scratch directory; ends the process where it was started by hand."""
    try:
        return configuration.stage_location(stage)
    except InputError as error:  # stage scripts make their StageIO before their own boundary
        print(f"error: {error.cause}\nhint: {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)


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
