#!/usr/bin/env python3
"""
Splitting: a subtitle file for a film in two files.

Usage:
    from tools.subtitling.splitting import split

    split(source, 2710.5, Path("Film.cd1.en.srt"), Path("Film.cd2.en.srt"))
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from shared.core.errors import EXIT_SUCCESS, InputError, counted, shown
from shared.subtitles.base.clock import clock_time
from shared.subtitles.checking.loss import left_out, refuse_loss
from shared.subtitles.cleaning.picking import Pick, cue_after, picked
from shared.subtitles.files.retiming import Move, retimed
from shared.subtitles.files.source import SourceFile, parse_source
from tools.subtitling.writing import refuse_unwritten, write_whole


def split(source: SourceFile, at: float, first: Path, second: Path) -> int:
    """Write what is shown before a time, and what is shown after it with times from zero.

    A cue that is shown at that time is in both files.

    Args:
        source: The file.
        at: In seconds.
        first: A new file of the same format.
        second: Another one.

    Returns:
        The exit code.

    Raises:
        InputError: There is nothing on one side, or a word would be lost.
    """
    if first.resolve() == second.resolve():
        raise InputError(f"{first}: both parts have this name", hint="Give two names")
    refuse_unwritten(source)
    before = {
        index: Pick(cue.start, cue.end if cue.is_open else min(cue.end, at))
        for index, cue in enumerate(source.cues)
        if cue.start < at
    }
    after = {
        index: Pick(max(cue.start, at), cue.end)
        for index, cue in enumerate(source.cues)
        if cue.end > at or cue.is_open or cue.start >= at
    }
    for picks, side in ((before, "before"), (after, "after")):
        if not any(source.cues[index].text.strip() for index in picks):
            raise InputError(f"{source.path}: nothing is shown {side} {clock_time(at)}", hint="")
    rest = parse_source(picked(source, after), source.format, second)
    parts = (
        (first, picked(source, before), Move(), _wanted(source, before)),
        (second, retimed(rest, Move(-at)), Move(-at), _wanted(source, after)),
    )
    read = [refuse_loss(want, move, text, source.format, path) for path, text, move, want in parts]
    for (path, text, _, want), new in zip(parts, read, strict=True):
        write_whole(path, text)
        count = counted(sum(bool(cue.text.strip()) for cue in new.cues), "cue")
        sys.stderr.write(shown(f"{path}: written; {count}{left_out([want], new)}") + "\n")
    if both := sum(bool(source.cues[index].text.strip()) for index in before.keys() & after):
        sys.stderr.write(f"{counted(both, 'cue')} shown at {clock_time(at)}: in both\n")
    return EXIT_SUCCESS


def _wanted(source: SourceFile, picks: dict[int, Pick]) -> SourceFile:
    """Return the cues of a part, at their times in the whole."""
    return replace(source, cues=[cue_after(source, *pick) for pick in sorted(picks.items())])
