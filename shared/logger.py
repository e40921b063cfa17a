#!/usr/bin/env python3
"""
Logger: PipelineLogger, the one way to log, with stage and job in every record.

Stage processes log to standard output; the orchestrator captures it in `logs/NN_stage.log` with a
size cap. The orchestrator itself logs to `logs/99_pipeline_<time>.log`.

Usage:
    from shared.logger import PipelineLogger

    logger = PipelineLogger("asr", log_level="INFO")
    logger.info("Loaded", extra={"segments_count": 12})
"""

from __future__ import annotations

import contextvars
import logging
import sys
from pathlib import Path
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

correlation_id: contextvars.ContextVar[str] = contextvars.ContextVar(
    "correlation_id", default="unknown"
)
TEXT_FORMAT = "%(asctime)s %(levelname)-8s [%(name)s] %(message)s%(fields)s"
JSON_FIELDS = ["asctime", "levelname", "name", "message", "correlation_id"]
STANDARD_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "correlation_id",
    "fields",
    "taskName",
}


class CorrelationFilter(logging.Filter):
    """Put the correlation id (the job's name) on every record (standards 5.5)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its id.

        Args:
            record: The line on its way to a handler; gets the attribute correlation_id.

        Returns:
            Always True.
        """
        record.correlation_id = correlation_id.get()
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
        return super().format(record)


class PatientFileHandler(logging.FileHandler):
    """Writes to a file; a line that a full disk does not take is lost, and nothing else."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave the complaint to what has to be written.

        Args:
            record: The line that could not be written.
        """


class PipelineLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger with the pipeline's form.

    Args:
        name: Stage or module name.
        log_level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
        log_format: 'text' or 'json'.
        stream: Where lines go; None = standard output.
        log_file: Where lines go instead of a stream.
    """

    def __init__(
        self,
        name: str,
        log_level: str = "INFO",
        log_format: str = "text",
        stream: TextIO | None = None,
        log_file: Path | None = None,
    ) -> None:
        logger = logging.getLogger(f"cp.{name}")
        logger.setLevel(log_level)
        logger.propagate = False
        for old in list(logger.handlers):
            logger.removeHandler(old)
            old.close()
        handler: logging.Handler
        if log_file is not None:
            handler = PatientFileHandler(log_file, encoding="utf-8")
        else:
            handler = logging.StreamHandler(stream or sys.stdout)
        handler.addFilter(CorrelationFilter())
        handler.setFormatter(
            JsonFormatter(JSON_FIELDS) if log_format == "json" else TextFormatter(TEXT_FORMAT)
        )
        logger.addHandler(handler)
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

    def close(self) -> None:
        """Close the log file, if there is one."""
        for handler in list(self.logger.handlers):
            handler.close()
            self.logger.removeHandler(handler)
