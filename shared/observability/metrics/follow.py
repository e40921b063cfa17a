#!/usr/bin/env python3
"""
Follow: the event streams of all jobs, counted as far as they have been written.

For a server without METRICS_FILE: what it has counted it keeps while it lives, also of jobs that
are removed meanwhile. When it starts it counts all that the jobs of today have in their streams.

Usage:
    from shared.observability.metrics.follow import EventFollower

    follower = EventFollower()
    follower.follow(output_root)
    generate_latest(follower.instruments.registry)
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.core.files import matching
from shared.observability.metrics.instruments import Instruments
from shared.observability.metrics.tally import Tally
from shared.pipeline.job.events import EVENTS_FILE, parse_event
from shared.pipeline.jobs.listing import PLACES

# Of one job at a time; what is more comes with the next look.
MOST_BYTES = 32 << 20


@dataclass
class _Stream:
    """How far the stream of a job is counted; another file in its place begins anew."""

    tally: Tally
    inode: int
    offset: int = 0


class EventFollower:
    """Counts what jobs tell, each event once.

    Attributes:
        instruments: What is counted into.
    """

    def __init__(self) -> None:
        self.instruments = Instruments()
        self._streams: dict[Path, _Stream] = {}

    def follow(self, output_root: Path) -> None:
        """Count what has come since the last look.

        Args:
            output_root: Where the jobs of all films lie.
        """
        for job_dir in matching(output_root, PLACES):
            with suppress(OSError):
                self._count(job_dir / EVENTS_FILE)

    def _count(self, path: Path) -> None:
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as stream:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return
            known = self._streams.get(path)
            if known is None or known.inode != found.st_ino or found.st_size < known.offset:
                known = self._streams[path] = _Stream(Tally(self.instruments), found.st_ino)
            stream.seek(known.offset)
            block = stream.read(MOST_BYTES)
            whole = block.rfind(b"\n") + 1  # the rest of a line comes later
            if not whole and len(block) == MOST_BYTES:
                whole = len(block)  # no event is so long
            known.offset += whole
            for event in filter(None, map(parse_event, block[:whole].split(b"\n"))):
                known.tally.count(event)
