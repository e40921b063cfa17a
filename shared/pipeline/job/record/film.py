#!/usr/bin/env python3
"""
Film: the digest of a whole film, taken beside the work that reads it anyway.

Size, time and inode tell that a film did not change. Where they are others, samples tell most
changes at once; only the digest of all of it tells the rest, as one made inside and in place.

Usage:
    from shared.pipeline.job.record.film import FilmReading

    reading = FilmReading(film, known=None)     # begins to read
    record = reading.record()                   # waits until it is read
"""

from __future__ import annotations

import threading
from pathlib import Path

from shared.core.files import sha256_of
from shared.core.identity import UNKNOWN
from shared.pipeline.job.output_file import OutputFile


class FilmReading:
    """Reads a film in a thread, unless its digest is known.

    Args:
        film: The film; it must exist.
        known: Its record in an earlier stage of the job, None without one.
    """

    def __init__(self, film: Path, known: OutputFile | None) -> None:
        self._film = film
        self._before = OutputFile.of(film, UNKNOWN)
        self._digest = known.sha256 if known is not None and known.matches(film) else UNKNOWN
        self._thread: threading.Thread | None = None
        if self._digest == UNKNOWN:
            self._thread = threading.Thread(target=self._read, name="film digest", daemon=True)
            self._thread.start()

    def record(self) -> OutputFile:
        """Return size, time, inode and digest; of a film that changed meanwhile an unknown one."""
        if self._thread is not None:
            self._thread.join()
        return self._before.model_copy(update={"sha256": self._digest})

    def _read(self) -> None:
        try:
            digest = sha256_of(self._film)
            if self._before.matches(self._film):
                self._digest = digest
        except OSError:  # it is gone, or cannot be read to its end: the stage itself tells that
            return
