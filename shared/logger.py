#!/usr/bin/env python3
"""
Logger: PipelineLogger, the one way to log, with the job's id in every record (standards 5).

Stage processes log to standard output; the orchestrator captures it in `logs/NN_stage.log`. The
orchestrator itself logs to `logs/99_pipeline_<time>.log`. In the form 'json' each line carries the
job's id as `correlation_id`, so that the lines of a job can be joined, whoever wrote them, and the
ids of the span that it was written in (W3C Trace Context).

Usage:
    from shared.logger import PipelineLogger

    logger = PipelineLogger("asr", log_level="INFO")
    logger.info("Loaded", extra={"segments_count": 12})
"""

from __future__ import annotations

import contextvars
import logging
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from shared.config import inherited_job_id
from shared.core.configuration.trace_context import TraceContext, inherited_context
from shared.core.errors import shown

# Set for one run; without it, what the process was started with holds, in its threads too.
correlation_id: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "correlation_id", default=None
)
# Set for one run, too; without it, the span in which the process was started.
current_trace: contextvars.ContextVar[TraceContext | None] = contextvars.ContextVar(
    "current_trace", default=None
)
NO_ID = "unknown"
TEXT, JSON = "text", "json"
TEXT_FORMAT = "%(asctime)s %(levelname)-8s [%(name)s] %(message)s%(fields)s"
JSON_FIELDS = ["asctime", "levelname", "name", "message", "correlation_id"]
STANDARD_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "correlation_id",
    "trace_id",
    "span_id",
    "fields",
    "taskName",
}
_form_of_process = TEXT


class CorrelationFilter(logging.Filter):
    """Put the job's id on every record that carries none yet (standards 5.5), and its span's."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its id.

        Args:
            record: The line on its way to a handler; gets the attribute correlation_id.

        Returns:
            Always True.
        """
        if getattr(record, "correlation_id", None) in (None, NO_ID):
            record.correlation_id = correlation_id.get() or inherited_job_id() or NO_ID
        trace = current_trace.get() or inherited_context()
        if trace is not None:
            record.trace_id, record.span_id = trace.trace_id, trace.span_id
        return True


class TextFormatter(logging.Formatter):
    """One line a record: time, level, name, message, then the structured fields as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line; line breaks in the message stay, tracebacks follow it.

        Args:
            record: What was logged; fields given as `extra` are its attributes.
        """
        extra = {k: v for k, v in record.__dict__.items() if k not in STANDARD_ATTRIBUTES}
        record.fields = "".join(f" {key}={value!r}" for key, value in sorted(extra.items()))
        return "\n".join(map(shown, super().format(record).split("\n")))


class PatientFileHandler(RotatingFileHandler):
    """Writes to a file and begins a new one where it is full.

    A line that a full disk does not take is lost, and nothing else.
    """

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave the complaint to what has to be written.

        Args:
            record: The line that could not be written.
        """

    def close(self) -> None:
        """Close the file; what the disk does not take now is lost, too."""
        with suppress(OSError):
            super().close()


class LibraryHandler(logging.StreamHandler[TextIO]):
    """Writes what libraries log through Python's root logger."""


class PipelineLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger with the pipeline's form, its own whoever else has one of that name.

    Args:
        name: Stage or module name.
        log_level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
        log_format: 'text' or 'json'; None = as the process has it (use_form).
        stream: Where lines go; None = standard output.
        log_file: Where lines go instead of a stream.
        max_bytes: Size at which log_file is put aside as log_file.1; 0 = never.
        backups: How many files that were put aside are kept.
    """

    def __init__(
        self,
        name: str,
        log_level: str = "INFO",
        log_format: str | None = None,
        stream: TextIO | None = None,
        log_file: Path | None = None,
        max_bytes: int = 0,
        backups: int = 0,
    ) -> None:
        handler: logging.Handler
        if log_file is not None:
            handler = PatientFileHandler(
                log_file, maxBytes=max_bytes, backupCount=backups, encoding="utf-8"
            )
        else:
            handler = logging.StreamHandler(stream or sys.stdout)
        # Not logging.getLogger: two runs in one process would share it, and the last one's file.
        logger = logging.Logger(f"cp.{name}", log_level)
        logger.addHandler(_formed(handler, log_format or _form_of_process))
        super().__init__(logger, {})

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        """Hand message and fields on unchanged (the adapter's default would drop `extra`).

        Args:
            msg: The message, with or without places for arguments.
            kwargs: What the call was given, `extra` among it.

        Returns:
            Message and fields as they came.
        """
        return msg, kwargs

    def addFilter(self, one: Any) -> None:
        """Add a filter, as to any logger.

        Args:
            one: A logging.Filter, or a function of a record.
        """
        self.logger.addFilter(one)

    def removeFilter(self, one: Any) -> None:
        """Remove a filter that was added.

        Args:
            one: The same object.
        """
        self.logger.removeFilter(one)

    def addHandler(self, handler: logging.Handler) -> None:
        """Send every line to a further place, with the job's id on it.

        Args:
            handler: With a formatter of its own.
        """
        handler.addFilter(CorrelationFilter())
        self.logger.addHandler(handler)

    def removeHandler(self, handler: logging.Handler) -> None:
        """Remove a handler that was added.

        Args:
            handler: The same object.
        """
        self.logger.removeHandler(handler)

    def close(self) -> None:
        """Close the log file, if there is one."""
        for handler in list(self.logger.handlers):
            handler.close()
            self.logger.removeHandler(handler)


Logger = PipelineLogger


def use_form(log_format: str) -> None:
    """Give all that this process logs one form: its later loggers, libraries and warnings.

    Args:
        log_format: 'text' or 'json'.
    """
    global _form_of_process
    _form_of_process = log_format
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, LibraryHandler)]:
        root.removeHandler(former)
    root.addHandler(_formed(LibraryHandler(sys.stdout), log_format))
    logging.captureWarnings(True)


def make_formatter(log_format: str) -> logging.Formatter:
    """Return what makes a line of a record.

    Args:
        log_format: 'text' or 'json'.
    """
    return JsonFormatter(JSON_FIELDS) if log_format == JSON else TextFormatter(TEXT_FORMAT)


def _formed(handler: logging.Handler, log_format: str) -> logging.Handler:
    """Return a handler with the form and the id that every line has."""
    handler.addFilter(CorrelationFilter())
    handler.setFormatter(make_formatter(log_format))
    return handler
