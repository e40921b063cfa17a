#!/usr/bin/env python3
"""
Command: the one door through which bootstrap starts other programs.

On a terminal a program shows its own progress; otherwise its output goes to a log, and the end of
the log is quoted when it fails. Passwords in addresses are never written.

Usage:
    from tools.bootstrap.command import Runner

    runner = Runner(log_file=Path("venv/.bootstrap.log"), environment={"PATH": "/usr/bin"})
    runner.run(["ffmpeg", "-version"], "ffmpeg does not start", "Install it again")
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.core.errors import DependencyError
from shared.core.redact import mask_addresses

# How a program's last words are recognised: the first line that says error, else the last line.
ERROR_LINE = re.compile(r"\berror\b", re.IGNORECASE)


@dataclass(frozen=True)
class Runner:
    """Runs programs with one environment and one log.

    Args:
        log_file: Where output goes that no terminal shows; appended to.
        environment: The programs' environment variables, complete.
        show: Whether programs write to the terminal themselves.
    """

    log_file: Path
    environment: Mapping[str, str]
    show: bool = False

    def run(self, command: Sequence[str], failure: str, hint: str) -> None:
        """Run a program to its end.

        Args:
            command: The program and its arguments; never passed through a shell.
            failure: What it means when the program fails, for the error's cause.
            hint: What to do then.

        Raises:
            DependencyError: The program cannot be started or fails.
        """
        try:
            result = subprocess.run(
                command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=None if self.show else subprocess.PIPE,
                stderr=None if self.show else subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise DependencyError(f"{failure}: {command[0]}: {error.strerror}", hint) from error
        output = mask_addresses(result.stdout or "")
        self._log(command, output, result.returncode)
        if result.returncode != 0:
            reason = last_words(output) or f"exit code {result.returncode}"
            raise DependencyError(f"{failure}: {reason}", hint)

    def read(self, command: Sequence[str], **extra: str) -> tuple[int, str]:
        """Run a program and return its exit code and its output (both streams), passwords masked.

        Args:
            command: The program and its arguments.
            **extra: Environment variables for this call alone.
        """
        result = subprocess.run(
            command,
            env={**self.environment, **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        return result.returncode, mask_addresses(result.stdout)

    def _log(self, command: Sequence[str], output: str, exit_code: int) -> None:
        """Append what was run and what it said to the log."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("a", encoding="utf-8") as log:
            log.write(f"$ {mask_addresses(' '.join(command))}\n{output}[exit code {exit_code}]\n")


def last_words(output: str) -> str:
    """Return the line of a failed program's output that says why, or nothing.

    Args:
        output: Everything it wrote.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if ERROR_LINE.search(line)]
    return (errors or lines[-1:] or [""])[0]
