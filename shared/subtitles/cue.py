#!/usr/bin/env python3
"""
Cue: one subtitle as it will be shown.

Usage:
    from shared.subtitles.cue import Cue

    Cue(1.0, 2.5, "- Coming?\\n- Yes.").lines
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cue:
    """One subtitle: seconds, and its lines separated by line feeds."""

    start: float
    end: float
    text: str
    is_lyrics: bool = False

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    @property
    def lines(self) -> list[str]:
        """The lines as shown."""
        return self.text.split("\n")
