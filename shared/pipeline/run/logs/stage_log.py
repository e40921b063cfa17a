#!/usr/bin/env python3
"""
Stage log: what a stage prints, without secrets, up to a size, whatever the disk does.

Usage:
    from shared.pipeline.run.logs.stage_log import StageLog

    log = StageLog(path, cap=1 << 20, secrets=secret_values())
    log.write(block)
    log.finish()
    log.close()
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.core.redact import Redactor
from shared.pipeline.run.logs.json_output import JsonOutput
from shared.pipeline.run.logs.patient_file import PatientFile

LOG_CUT = b"[log cut here: LOG_MAX_MB reached]\n"
LOST = b"[%d bytes lost here: the disk took no more]\n"
TAIL_BYTES = 64 << 10


class StageLog:
    """The log of one attempt of a stage; goes on where the log was.

    Args:
        path: The file.
        cap: Bytes of the file after which what comes is dropped, over all attempts.
        secrets: What never reaches the log.
        form: Makes log lines of what comes; None = as it is.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(
        self, path: Path, cap: int, secrets: Sequence[str] = (), form: JsonOutput | None = None
    ) -> None:
        self._file = PatientFile(path, self._line_about_lost)
        self._left = max(0, cap - path.stat().st_size)
        self._redactor = Redactor(secrets)
        self._form = form
        self._is_finished = False
        self.tail = b""

    def write(self, block: bytes) -> None:
        """Take what a stage printed.

        Args:
            block: Bytes as they came, cut anywhere.
        """
        self._write(self._redactor.feed(block), is_last=False)

    def finish(self) -> None:
        """Write what was held back, as the end of a line or of a secret; nothing comes after it."""
        if not self._is_finished:
            self._is_finished = True
            self._write(self._redactor.feed(b""), is_last=True)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, data: bytes, is_last: bool) -> None:
        self.tail = (self.tail + data)[-TAIL_BYTES:]
        if self._left == 0:
            return
        if self._form is not None:
            data = self._form.feed(data, is_last)
        if len(data) < self._left:
            self._file.write(data)
        elif self._form is None:
            self._file.write(data[: self._left] + b"\n" + LOG_CUT)
        else:
            self._file.write(self._form.cut(data, self._left) + self._form.line(LOG_CUT))
        self._left = max(0, self._left - len(data))

    def _line_about_lost(self, lost: int) -> bytes:
        line = LOST % lost
        return line if self._form is None else self._form.line(line)
