#!/usr/bin/env python3
"""
Cue: one subtitle as it will be shown.

Usage:
    from shared.subtitles.base.cue import Cue

    Cue(1.0, 2.5, "-Coming?\\n-Yes.").lines
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.transcript.records.schemas import Word


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a cue breaks a limit: the rule, by the linter's id, and what forbids to keep it."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: seconds, and its lines separated by line feeds."""

    start: float
    end: float
    text: str
    is_lyrics: bool = False
    # Its words with their own times, for word highlights; empty when they are not known.
    words: tuple[Word, ...] = ()
    # Why it breaks limits; empty when it breaks none or nobody knows.
    reasons: tuple[Reason, ...] = ()
    # Who says each line, or one who says them all; empty or None when it is not known.
    speakers: tuple[str | None, ...] = ()
    # Which lines are in italics, one for each; empty when none is.
    italic_lines: tuple[bool, ...] = ()
    # Where on the picture, as a keypad lies: 2 = below, 8 = above.
    alignment: int = 2

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    @property
    def lines(self) -> list[str]:
        """The lines as shown."""
        return self.text.split("\n")


@dataclass(frozen=True, slots=True)
class SourceCue(Cue):
    """A cue of a file that was read: where it stands there, and its text with all markup.

    Attributes:
        line: Of its times, 1 = the first.
        raw: Its text with all markup; lines are separated by line feeds.
        number: That SRT gives it.
        block: First and last line of SRT and WebVTT that belong to it.
        is_italic: Whether some of it is.
        colours: That it names.
        place: Where on the picture it stands, in the words of its format; '' = the usual place.
        is_open: Whether it has no end of its own: it stays as long as the film.
    """

    line: int = 0
    raw: str = ""
    number: int | None = None
    block: tuple[int, int] = (0, 0)
    is_italic: bool = False
    colours: tuple[str, ...] = ()
    place: str = ""
    is_open: bool = False
