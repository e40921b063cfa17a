#!/usr/bin/env python3
"""
Patient file: a file that only tells how work goes: what a full disk does not take is lost, no more.

Usage:
    from shared.pipeline.run.logs.patient_file import PatientFile

    log = PatientFile(path, lambda lost: b"[%d bytes lost]\n" % lost)
    log.write(b"line\n")
    log.close()
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def no_note(lost: int) -> bytes:
    """Return nothing: what was lost is not told in the file.

    Args:
        lost: Bytes.
    """
    return b""


class PatientFile:
    """Appends lines to a file; once it takes something again, says how much was lost.

    Args:
        path: The file; made when it is not there.
        note: Makes a whole line of the number of bytes that were lost.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path, note: Callable[[int], bytes] = no_note) -> None:
        self._file = path.open("ab", buffering=0)
        self._note = note
        self._lost = 0
        self._is_cut = False

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._file.closed

    def write(self, data: bytes) -> None:
        """Append bytes; never fails.

        Args:
            data: Whole lines, so that a loss cuts at most one.
        """
        begin = b"\n" if self._is_cut else b""
        if self._lost and not self._put(begin + self._note(self._lost)):
            self._lost += len(data)
            return
        if self._lost:
            self._lost, self._is_cut = 0, False
        if not self._put(data):
            self._lost += len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _put(self, data: bytes) -> bool:
        """Append bytes; return whether all of them are there."""
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
                self._is_cut = bool(data)
        except OSError:
            return False
        return True
