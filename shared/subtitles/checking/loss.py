#!/usr/bin/env python3
"""
Loss: whether a file that is to be written has every word of another at its time, and what it lacks.

Usage:
    from shared.subtitles.checking.loss import left_out, refuse_loss

    new = refuse_loss(source, Move(2.5), text, "srt", path)
    left_out([source], new)    # '; 2 places on the picture left out'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from shared.core.errors import InputError, counted
from shared.subtitles.base.colours import WHITE
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.checking.guard import words
from shared.subtitles.files.retiming import Move
from shared.subtitles.files.source import SourceFile, parse_source
from shared.subtitles.reading.ass import TOLERANCE as ASS_TOLERANCE

# Two frames of TTML at the slowest rate in use (seconds).
LARGEST_STEP = 0.1
STAYS = Move()


def refuse_loss(given: SourceFile, move: Move, text: str, kind: str, path: Path) -> SourceFile:
    """Read what is to be written; return it.

    Args:
        given: What it must have: every word, in order, each cue at its time.
        move: What becomes of the times.
        text: What is to be written.
        kind: Its format.
        path: Where to.

    Raises:
        InputError: A word would be lost, or a cue be at another time.
    """
    new = parse_source(text, kind, path)
    told = ""
    if said(given, move) != said(new) or new.faults:
        told = "would not have every word"
    elif not _are_at_their_times(given, move, new):
        told = "would not have every cue at its time"
    if told:
        raise InputError(f"{path} {told}", hint="Nothing was written; tell us with the file")
    return new


def _shown(source: SourceFile, move: Move = STAYS) -> list[SourceCue]:
    """Return the cues with text in the order in which they are after a move."""
    cues = (cue for cue in source.cues if cue.text.strip())
    return sorted(cues, key=lambda cue: move(cue.start))


def said(source: SourceFile, move: Move = STAYS) -> list[str]:
    """Return the words of a file in order; of signs that a format lacks it has look-alikes.

    Args:
        source: A file.
        move: What becomes of its times.
    """
    texts = (unicodedata.normalize("NFKC", cue.text) for cue in _shown(source, move))
    return [word for text in texts for word in words(text)]


def _are_at_their_times(given: SourceFile, move: Move, new: SourceFile) -> bool:
    apart = LARGEST_STEP if new.format == "ttml" else ASS_TOLERANCE
    cues, moved = _shown(given, move), _shown(new)
    return len(cues) == len(moved) and all(
        abs(move(old.start) - cue.start) <= apart
        and (old.is_open or abs(move(max(old.start, old.end)) - max(cue.start, cue.end)) <= apart)
        for old, cue in zip(cues, moved, strict=True)
    )


def left_out(given: Sequence[SourceFile], new: SourceFile) -> str:
    """Return what a converted or merged file has not, for the last line that is told.

    Args:
        given: The files it was made of.
        new: What was made.
    """
    every = [cue for source in given for cue in source.cues]
    placed = sum(bool(cue.place) for cue in every)
    placed -= sum(bool(cue.place) for cue in new.cues) if new.format == given[0].format else 0
    stray = sum(len(source.stray) for source in given)
    slanted = sum(cue.is_italic for cue in every) - sum(cue.is_italic for cue in new.cues)
    coloured = _coloured(every) - _coloured(new.cues)
    found = {
        f"{counted(placed, 'place')} on the picture": placed,
        f"italics of {counted(slanted, 'cue')}": slanted,
        f"colours of {counted(coloured, 'cue')}": coloured,
        f"{counted(stray, 'line')} of text outside of cues": stray,
    }
    return "".join(f"; {what} left out" for what, number in found.items() if number > 0)


def _coloured(cues: Sequence[SourceCue]) -> int:
    return sum(any(colour != WHITE for colour in cue.colours) for cue in cues)
