#!/usr/bin/env python3
"""
Change: one thing that a finished stage depends on and that is not as it was.

Usage:
    from shared.pipeline.job.record.change import Change, short

    Change("ffmpeg", "5.1", "7.1", "ffmpeg changed")
"""

from __future__ import annotations

from dataclasses import dataclass

SHORT_DIGEST = 12
ABSENT = "not there"


@dataclass(frozen=True)
class Change:
    """One thing that a finished stage depends on and that is not as it was."""

    what: str
    before: str
    after: str
    phrase: str

    def __str__(self) -> str:
        return self.phrase


def short(digest: str | None) -> str:
    """Return as much of a digest as a person needs.

    Args:
        digest: 64 hex digits, None for what is not there.
    """
    return ABSENT if digest is None else digest[:SHORT_DIGEST]
