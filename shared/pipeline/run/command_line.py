#!/usr/bin/env python3
"""
Command line: what every command shares: its error boundary, its signals.

A command whose answer cannot be written to standard output ends with exit code 1: quietly where
its reader has gone, else with a line on standard error. A run calls only_tells() first.

Usage:
    from shared.pipeline.run.command_line import run_command

    sys.exit(run_command(lambda: main(sys.argv[1:])))
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from shared.config import OF_STAGES, environment_warnings, secret_values
from shared.core.configuration.variables import forget
from shared.core.environment_lock import share_own
from shared.core.errors import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    InterruptedRun,
    PipelineError,
    ToldError,
)
from shared.core.files import write_text
from shared.core.machine.system_errors import unusable_machine
from shared.core.output import answer, only_tells, open_closed_descriptors
from shared.core.paths import OUTPUT_ROOT, PROJECT_ROOT
from shared.core.redact import Redactor
from shared.core.usage import tell
from shared.pipeline.run.interrupt import HINT, heed_signals
from shared.pipeline.stage.orphans import look_around

ERROR_LOG = OUTPUT_ROOT / "last_error.log"


def run_command(command: Callable[[], int]) -> int:
    """Run a command inside the error boundary.

    Args:
        command: Returns an exit code.

    Returns:
        The exit code; a failure has been told in one line with a hint on standard error.
    """
    open_closed_descriptors()
    forget(OF_STAGES)  # a command may be started inside a stage, and is none
    look_around()
    try:
        heed_signals()
        share_own(PROJECT_ROOT)
        for warning in environment_warnings():
            sys.stderr.write(f"warning: {warning}\n")
        return answer(command)
    except ToldError as error:
        tell_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        tell_error(InterruptedRun("Interrupted", hint=HINT))
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # who read the answer has had enough
        return EXIT_FAILURE
    except Exception as error:  # the boundary: whatever is left is a fault of the program
        told = as_told(error)
        tell_error(told)
        return told.exit_code
    finally:
        only_tells()  # what a failed command had still to say


def tell_error(error: ToldError) -> None:
    """Write an error as 'error: cause' and 'hint: …' to standard error.

    Args:
        error: What went wrong.
    """
    tell(error, Redactor(secret_values()).text)


def as_told(error: Exception) -> ToldError:
    """Return what a person is told of an error; of a fault of the program a traceback is kept.

    Args:
        error: What a command, or one of its runs, ended with.
    """
    if isinstance(error, ToldError):
        return error
    return unusable_machine(error) or _unexpected(error)


def _unexpected(error: Exception) -> PipelineError:
    """Keep the traceback in a file and return the one line for the person."""
    cause = f"Unexpected {type(error).__name__}: {error}"
    stamp = datetime.now().isoformat(timespec="seconds")
    text = f"{stamp}\n{Redactor(secret_values()).text(traceback.format_exc())}"
    try:
        kept = _keep_traceback(text)
    except OSError:
        return PipelineError(cause, hint="Its traceback could not be written: is the disk full?")
    return PipelineError(cause, hint=f"The traceback is in {kept}; please report it")


def _keep_traceback(text: str) -> Path:
    """Return where a traceback was written: a new file each time, never what a link leads to."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    own = ERROR_LOG.with_stem(f"{ERROR_LOG.stem}-{os.geteuid()}")
    try:
        ERROR_LOG.parent.mkdir(exist_ok=True)
        write_text(ERROR_LOG, text)
    except PermissionError:  # another user's
        write_text(own, text)
        return own
    return ERROR_LOG
