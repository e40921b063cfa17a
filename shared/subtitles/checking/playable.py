#!/usr/bin/env python3
"""
Playable: whether all of a subtitle file that a person edited will be shown in the film.

What a player would pass over in silence is refused with its line: text outside of every cue, a cue
that ends before it begins, one that lies after the film, what is no character.

Usage:
    from shared.subtitles.checking.playable import read_playable

    read_playable(Path("Film.hi.srt"), film_end=5400.0).cues
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from shared.core.errors import InputError
from shared.subtitles.base.clock import clock_time
from shared.subtitles.files.source import SourceFile, read_source
from shared.subtitles.reading.times import LINE_END

# The last cue may stay a little longer than the film: players end with it (seconds).
AFTER_THE_FILM = 5.0
LONGEST_TOLD = 40  # characters of a line
# ffmpeg ends a file at the one, and drops a cue that holds the other.
ENDS_TEXT = re.compile("[\0\ufffe]")
TIMES = "Put a line of times above it: 00:01:02,345 --> 00:01:04,567"
BREAK = "A line break within a Dialogue line is written \\N"


def read_playable(path: Path, film_end: float) -> SourceFile:
    """Return a subtitle file of which every cue will be shown.

    Args:
        path: The file; its suffix says what it is.
        film_end: Length of the film in seconds.

    Raises:
        InputError: It cannot be read, or something in it would not be shown, with the line.
    """
    source = read_source(path)
    for line, cause, hint in hidden(source, film_end):
        raise InputError(f"{path}:{line}: {cause}", hint=hint)
    return source


def hidden(source: SourceFile, film_end: float) -> Iterator[tuple[int, str, str]]:
    """Yield line, cause and hint of what nobody would see.

    Args:
        source: A subtitle file that was read.
        film_end: Length of the film in seconds.
    """
    for number, text in enumerate(LINE_END.split(source.text), 1):
        if (found := ENDS_TEXT.search(text)) is not None:
            told = f"U+{ord(found[0]):04X}, which is no character: films lose what stands around it"
            yield number, told, "Take it out"
    is_ass = source.format in ("ass", "ssa")
    for line, text in source.stray:
        told = f"text outside of every cue: {text[:LONGEST_TOLD]}"
        yield line, told, BREAK if is_ass else TIMES
    for cue in source.cues:
        times = f"{clock_time(cue.start)} to {clock_time(cue.end)}"
        if cue.is_open and cue.start < film_end:
            yield cue.line, "the cue has no end: it would stay as long as the film", "Give it one"
        elif cue.end <= cue.start:
            yield cue.line, f"the cue ends before it begins: {times}", "Mend its times"
        elif cue.start >= film_end or cue.end > film_end + AFTER_THE_FILM:
            told = f"the cue lies after the film, which ends at {clock_time(film_end)}: {times}"
            yield cue.line, told, "Mend its times"
