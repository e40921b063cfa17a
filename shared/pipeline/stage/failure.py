#!/usr/bin/env python3
"""
Failure: an error at the boundary of a stage as exit code, cause and hint.

Usage:
    from shared.pipeline.stage.failure import Failure

    failure = Failure.of(error)
    failure.log(logger)
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass

from shared.core.errors import EXIT_FAILURE, EXIT_UNAVAILABLE, PipelineError
from shared.core.ladder import Trouble, trouble_of
from shared.core.machine.system_errors import unusable_machine
from shared.logger import PipelineLogger

MEMORY_HINT = "Free memory, raise STAGE_MEMORY_MB if it is set, or take a smaller model"


@dataclass(frozen=True)
class Failure:
    """What a person is told of an error; `is_foreseen`: it needs no traceback.

    `trouble`: what a lower rung of the stage's ladder may help against.
    """

    error: BaseException
    exit_code: int
    cause: str
    hint: str
    trouble: Trouble | None
    is_foreseen: bool

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Return what a person is told of an error.

        Args:
            error: A PipelineError keeps its code, cause and hint; want of memory is a resource
                that is not there; anything else is a bug or an unforeseen fault: exit code 1.
        """
        trouble = trouble_of(error)
        told = error if isinstance(error, PipelineError) else unusable_machine(error)
        if told is not None:
            return cls(error, told.exit_code, told.cause, told.hint, trouble, True)
        cause = f"{type(error).__name__}: {' '.join(str(error).split())}"
        if trouble == "memory":
            cause = f"Memory ran out: {cause}"
            return cls(error, EXIT_UNAVAILABLE, cause, MEMORY_HINT, trouble, False)
        return cls(error, EXIT_FAILURE, cause, "", trouble, False)

    def log(self, logger: PipelineLogger) -> None:
        """Log it; the traceback where it was not foreseen or the log is for debugging.

        Args:
            logger: The stage's.
        """
        logger.error(f"✗ Stage failed: {self.cause}")
        if self.hint:
            logger.error(f"  Hint: {self.hint}")
        if not self.is_foreseen or logger.isEnabledFor(logging.DEBUG):
            trace = "".join(traceback.format_exception(self.error))
            logger.error(f"Traceback: {trace}")
