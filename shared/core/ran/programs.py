#!/usr/bin/env python3
"""
Programs: which version of a program that is no Python (ffmpeg) did the work.

Asking a program for its version takes a moment: a stage asks while it works, a plan only where the
program's file is another one than was recorded.

Usage:
    from shared.core.ran.programs import ProgramAsked, version_now

    asked = ProgramAsked("ffmpeg")
    program = asked.answer()
    version_now("ffmpeg", program)
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ASK_SECONDS = 20.0
SHORT_DIGEST = 12


class Program(BaseModel):
    """A program: what it says of itself, and the file that it was then."""

    model_config = ConfigDict(extra="forbid")

    version: str
    path: str
    size: int
    mtime_ns: int


class ProgramAsked:
    """A program that is being asked for its version.

    Args:
        name: As it is found on PATH.
    """

    def __init__(self, name: str) -> None:
        self._file = _file_of(name)
        self._asked: subprocess.Popen[bytes] | None = None
        if self._file is not None:
            self._status = self._file.stat()
            self._asked = _ask(self._file)

    def answer(self) -> Program | None:
        """Return the program, None where it is not there.

        One that cannot be asked, or does not say what it is, is recorded by its file all the same.
        """
        if self._file is None:
            return None
        asked = self._asked or _ask(self._file)  # it may have been a moment without processes
        told = b""
        if asked is not None:
            try:
                told = asked.communicate(timeout=ASK_SECONDS)[0]
            except subprocess.TimeoutExpired:
                asked.kill()
        return Program(
            version=_version(told),
            path=str(self._file),
            size=self._status.st_size,
            mtime_ns=self._status.st_mtime_ns,
        )


def version_now(name: str, recorded: Program) -> str | None:
    """Return the version of a program as it is now, None where it is not there.

    Args:
        name: As it is found on PATH.
        recorded: What it was; a file that did not change since is not asked.
    """
    file = _file_of(name)
    if file is None:
        return None
    status = file.stat()
    now = (str(file), status.st_size, status.st_mtime_ns)
    if now == (recorded.path, recorded.size, recorded.mtime_ns):
        return recorded.version
    program = ProgramAsked(name).answer()
    return program.version if program is not None else None


def _file_of(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found).absolute() if found else None


def _ask(file: Path) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            [str(file), "-version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def _version(told: bytes) -> str:
    """Return the third word of 'ffmpeg version 7.1 …' and a digest of all: builds differ, too."""
    words = told.decode("utf-8", "replace").split()
    digest = hashlib.sha256(told).hexdigest()[:SHORT_DIGEST]
    return f"{words[2] if len(words) > 2 else 'unknown'} ({digest})"
